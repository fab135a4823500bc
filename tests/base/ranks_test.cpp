#include <dlfcn.h>
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <future>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "../support/ranks.hpp"

import rnn.base.end_request;
import rnn.base.ranks;

using namespace rnn;
using namespace std::chrono_literals;
using rnn::testing::Result;
using rnn::testing::run_ranks;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_of(const std::function<void()>& action) {
  const Clock::time_point begin = Clock::now();
  action();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

void send(int to, const int& number) { ranks().send(to, std::as_bytes(std::span(&number, 1))); }
int receive(int from) {
  int number = 0;
  ranks().receive(from, std::as_writable_bytes(std::span(&number, 1)));
  return number;
}

/// What require_same says; empty when it has nothing to say.
std::string difference(const std::string& own) {
  try {
    require_same("version", own);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

/// The launch of a process among several, which work together.
struct Together {
  Together() { launch.work_together(true); }
  Launch launch;
};

/// Names a test case that the processes do which another test starts.
#define CASE_OF_A_RANK(name) BOOST_AUTO_TEST_CASE(name, *boost::unit_test::disabled())

bool mpi_has_begun() {
  const auto initialized = reinterpret_cast<int (*)(int*)>(::dlsym(RTLD_DEFAULT, "MPI_Initialized"));
  int yes = 0;
  return initialized && initialized(&yes) == 0 && yes != 0;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_process_alone_is_the_first_of_one_and_keeps_what_it_shares) {
  BOOST_TEST((is_first_rank() && ranks().rank() == 0 && ranks().count() == 1));
  int number = 7;
  std::string text = "some text";
  std::vector<double> numbers = {1, 2, 3};
  bool loaded = false;
  load_once([&] { loaded = true; }, number, text, numbers);
  BOOST_TEST((loaded && number == 7 && text == "some text" && numbers == std::vector<double>{1, 2, 3}));
  BOOST_CHECK_NO_THROW(require_same("version", "1"));
}

BOOST_AUTO_TEST_CASE(without_mpirun_nothing_is_launched) {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) ::unsetenv(name);
  Launch launch;
  BOOST_TEST((launch.rank() == 0 && launch.count() == 1));
  {
    const Launch second;
    launch.work_together(true);
  }
  BOOST_TEST((launch.rank() == 0 && launch.count() == 1 && ranks().count() == 1));
  launch.finish();
  launch.end_all(3);  // returns: there is nobody to end
  launch.work_together(false);
  BOOST_TEST(ranks().count() == 1);
  BOOST_TEST(!mpi_has_begun());
}

BOOST_AUTO_TEST_CASE(mpirun_says_how_many_processes_there_are_on_a_machine) {
  const auto processes = [](const char* of_open_mpi, const char* of_mpich) {
    of_open_mpi ? ::setenv("OMPI_COMM_WORLD_LOCAL_SIZE", of_open_mpi, 1) : ::unsetenv("OMPI_COMM_WORLD_LOCAL_SIZE");
    of_mpich ? ::setenv("MPI_LOCALNRANKS", of_mpich, 1) : ::unsetenv("MPI_LOCALNRANKS");
    return processes_on_this_machine();
  };
  BOOST_TEST(processes("3", "5") == 3u);
  BOOST_TEST(processes("9", nullptr) == 9u);
  BOOST_TEST(processes(nullptr, "5") == 5u);
  BOOST_TEST(processes("x", "5") == 5u);
  BOOST_TEST(processes("", "-5") == 1u);
  BOOST_TEST(processes("0", nullptr) == 1u);
  BOOST_TEST(processes("0", "5") == 1u);
  BOOST_TEST(processes(nullptr, nullptr) == 1u);
}

CASE_OF_A_RANK(one_of_three_that_talk) {
  int own = -1;
  {
    Together together;
    Launch& launch = together.launch;
    own = ranks().rank();
    BOOST_TEST((launch.rank() == own && launch.count() == 3 && ranks().count() == 3));
    BOOST_TEST(is_first_rank() == (own == 0));
    BOOST_TEST(processes_on_this_machine() == 3u);
    {
      const Launch second;
    }
    BOOST_TEST(ranks().count() == 3);

    // Rank 0's become those of all.
    const bool first = own == 0;
    int number = first ? 7 : own, array[] = {number, number, number};
    std::string text = first ? "some text" : std::string(std::size_t(own) * 20, 'x'), none = first ? "" : "x";
    std::vector<double> numbers(first ? 3 : 9 - std::size_t(own), own);
    bool loaded = false;
    load_once([&] { loaded = true; }, number, text, none, numbers);
    share(std::span<int>(array));
    BOOST_TEST(loaded == first);
    BOOST_TEST((number == 7 && text == "some text" && none.empty() && numbers == std::vector<double>{0, 0, 0}));
    BOOST_TEST((array[0] == 7 && array[1] == 7 && array[2] == 7));
    std::byte of_two{static_cast<unsigned char>(own)};
    ranks().broadcast(2, std::span(&of_two, 1));
    BOOST_TEST(int(of_two) == 2);

    // What one rank sends to another arrives in the order of sending, whatever others send in the meantime.
    const int one = 10 * own + 1, two = 10 * own + 2;
    if (own == 2) std::this_thread::sleep_for(20ms);
    if (own != 0) send(0, one), send(0, two), ranks().finish_sends();
    if (own == 0) {
      BOOST_TEST((receive(2) == 21 && receive(1) == 11 && receive(1) == 12 && receive(2) == 22));
      send(1, one), ranks().finish_sends();
      send(1, two), send(2, two), ranks().finish_sends();
    } else {
      BOOST_TEST(receive(0) == own);
      if (own == 1) BOOST_TEST(receive(0) == 2);
    }
    ranks().finish_sends();  // of nothing

    BOOST_TEST(difference("1") == "");
    BOOST_TEST(difference(own == 1 ? "2" : "1") ==
               (first ? "version of rank 1: expected 1, as rank 0 has, found 2" : ""));
    BOOST_TEST(difference(own == 2 ? "" : "1") ==
               (first ? "version of rank 2: expected 1, as rank 0 has, found " : ""));
    BOOST_TEST(difference(std::string(std::size_t(own) + 1, 'a')) ==
               (first ? "version of rank 1: expected a, as rank 0 has, found aa" : ""));
    // Texts that take a while, and are gone as soon as they have been sent.
    for (const char letter : {'a', 'b'}) BOOST_TEST(difference(std::string(std::size_t(1) << 20, letter)) == "");

    // The first waits for the last, and for longer than it would after a signal.
    for (const int slow : {1, 2}) {
      const double took = seconds_of([&] {
        if (own == slow) std::this_thread::sleep_for(slow == 1 ? 1000ms : 50ms);
        launch.finish();
      });
      if (first) BOOST_TEST(took > 0.02);
      share(number);
    }
    launch.work_together(false);
    BOOST_TEST((ranks().count() == 1 && is_first_rank() && launch.count() == 3 && launch.rank() == own));
    launch.work_together(true);
    BOOST_TEST(ranks().count() == 3);
    if (own == 1) std::cout << "all of it\n";
  }
  BOOST_TEST((ranks().count() == 1 && ranks().rank() == 0));
}

CASE_OF_A_RANK(one_of_two_that_fail_and_go_on) {
  Launch outer;
  BOOST_CHECK_THROW(
      [&] {
        const Together together;
        throw std::runtime_error("caught");
      }(),
      std::runtime_error);
}

CASE_OF_A_RANK(one_of_two_that_fail_and_end) {
  BOOST_CHECK_THROW(
      [] {
        const Together together;
        throw std::runtime_error("caught");
      }(),
      std::runtime_error);
}

CASE_OF_A_RANK(one_that_reports_to_another_that_waits) {
  Together together;
  if (ranks().rank() == 1) {
    std::this_thread::sleep_for(50ms);
    together.launch.report("is broken", 3);
  }
  int status = 0;
  try {
    receive(1);
  } catch (const RankError& error) {
    status = error.status();
    std::cout << error.what();
  }
  together.launch.end_all(status + 1);
  std::cout << "nobody ended it" << std::endl;
}

CASE_OF_A_RANK(one_that_waits_after_a_signal_for_another_that_is_slow) {
  Together together;
  Launch::when_left_alone([] { return 9; });
  request_end(SIGTERM);
  if (ranks().rank() == 1) {
    for (const int number : {1, 2, 3}) {
      std::this_thread::sleep_for(300ms);
      send(0, number), ranks().finish_sends();
    }
    BOOST_TEST(receive(0) == 4);
  } else {
    for (const int number : {1, 2, 3}) BOOST_TEST(receive(1) == number);
    std::this_thread::sleep_for(100ms);
    const int four = 4;
    send(1, four), ranks().finish_sends();
  }
  request_end(0);
  together.launch.finish();
}

/// Rank 0 is left alone by rank 1, which waits as well, but for longer.
void leave_alone() {
  Together together;
  request_end(SIGTERM);
  if (is_first_rank() && std::getenv("KEEPS")) {
    Launch::when_left_alone([begin = Clock::now()] {
      std::cout << (Clock::now() - begin >= 500ms ? "kept" : "kept too soon");
      return 5;
    });
  }
  receive(1 - ranks().rank());
}
CASE_OF_A_RANK(one_that_is_left_alone) { leave_alone(); }

/// Rank 1 is left alone by rank 0, which neither answers nor looks whether anyone has failed.
CASE_OF_A_RANK(one_that_waits_for_a_first_rank_that_hangs) {
  Together together;
  if (is_first_rank()) {
    std::this_thread::sleep_for(20s);
    together.launch.end_all(1);
  }
  request_end(SIGTERM);
  if (std::getenv("REPORTS")) together.launch.report("is broken", 3);
  receive(0);
}

BOOST_AUTO_TEST_CASE(processes_that_mpirun_has_started_work_together) {
  if (!testing::has_ranks()) return;
  auto going_on = std::async([] { return run_ranks(2, "one_of_two_that_fail_and_go_on"); });
  auto ending = std::async([] { return run_ranks(2, "one_of_two_that_fail_and_end"); });
  const Result three = run_ranks(3, "one_of_three_that_talk");
  BOOST_TEST(three.status == 0, three.err);
  BOOST_TEST(three.out == "all of it\n");
  BOOST_TEST(going_on.get().status == 0);
  BOOST_TEST(ending.get().status == 0);
}

BOOST_AUTO_TEST_CASE(what_a_rank_reports_reaches_the_first_which_ends_all) {
  if (!testing::has_ranks()) return;
  const Result result = run_ranks(2, "one_that_reports_to_another_that_waits");
  BOOST_TEST(result.out.starts_with("rank 1 on "), result.out);
  BOOST_TEST(result.out.ends_with(": is broken"), result.out);
  BOOST_TEST(result.status == 4);
}

BOOST_AUTO_TEST_CASE(after_a_signal_the_first_rank_waits_for_half_a_second_and_keeps_what_there_is) {
  if (!testing::has_ranks()) return;
  struct Ended : Result {
    double seconds;
  };
  const auto run = [](const std::string& test_case, const testing::Settings& settings) {
    return std::async([=] {
      Ended ended;
      ended.seconds = seconds_of([&] { static_cast<Result&>(ended) = run_ranks(2, test_case, settings); });
      return ended;
    });
  };
  testing::Settings keeps, reports;
  keeps.environment["KEEPS"] = "yes";
  reports.environment["REPORTS"] = "yes";
  auto waiting = run("one_that_waits_for_a_first_rank_that_hangs", {});
  auto reporting = run("one_that_waits_for_a_first_rank_that_hangs", reports);
  auto slow = run("one_that_waits_after_a_signal_for_another_that_is_slow", {});
  auto keeping = run("one_that_is_left_alone", keeps), ending = run("one_that_is_left_alone", {});
  const Ended kept = keeping.get(), nothing = ending.get();
  BOOST_TEST(kept.out == "kept");
  BOOST_TEST(kept.status == 5);
  BOOST_TEST(nothing.status == 128 + SIGTERM);
  for (const Ended& ended : {kept, nothing}) BOOST_TEST(ended.seconds > 0.5);
  BOOST_TEST(slow.get().status == 0);
  // The others have more patience, but not without end.
  for (const Ended& ended : {waiting.get(), reporting.get()}) {
    BOOST_TEST(ended.status == 128 + SIGTERM);
    BOOST_TEST(ended.seconds > 5);
  }
}
