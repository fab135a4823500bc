#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "../support/program.hpp"

import rnn.console.progress;

using namespace rnn;

namespace {

/// What a terminal, or else a pipe, gets to see on standard error while `work` is done.
std::string shown(bool terminal, const std::function<void()>& work) {
  int ends[2];
  if (terminal) {
    ends[0] = ::posix_openpt(O_RDWR | O_NOCTTY);
    testing::check(::grantpt(ends[0]) || ::unlockpt(ends[0]) ? errno : 0, "posix_openpt");
    ends[1] = ::open(::ptsname(ends[0]), O_RDWR | O_NOCTTY);
    termios plain;
    ::tcgetattr(ends[1], &plain);
    ::cfmakeraw(&plain);  // or it would make two characters of a line's end
    ::tcsetattr(ends[1], TCSANOW, &plain);
  } else {
    testing::check(::pipe(ends) ? errno : 0, "pipe");
  }
  std::string text;
  std::thread reader([&] {  // beside the work: a terminal takes some lines, and then waits for who reads them
    std::vector<char> buffer(1 << 12);
    for (ssize_t got; (got = ::read(ends[0], buffer.data(), buffer.size())) > 0;) {
      text.append(buffer.data(), std::size_t(got));
    }
  });
  const int before = ::dup(2);
  ::dup2(ends[1], 2);
  ::close(ends[1]);
  work();
  ::dup2(before, 2);  // nobody can write any more: the reader comes to the end
  reader.join();
  for (const int each : {before, ends[0]}) ::close(each);
  return text;
}

/// The environment of one test: a terminal of this kind that may show colors, unless told otherwise.
struct Environment {
  explicit Environment(const char* term, const char* no_color = "") {
    ::setenv("TERM", term, 1);
    ::setenv("NO_COLOR", no_color, 1);  // an empty one counts for nothing
  }
};

/// Two epochs of ten steps, the first of them done.
void one_epoch(bool quiet) {
  Progress progress(quiet, 2, 10, 100);
  for (int step = 1; step <= 10; ++step) progress.update(0, std::size_t(step), 0.5);
}

const std::string green = "\x1b[32m", beginning_of_the_line = "\r", rest_of_the_line_gone = "\x1b[K";

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_AUTO_TEST_CASE(a_line_tells_how_far_it_is_how_fast_and_how_long_it_still_takes) {
  const ProgressState state{
      .epoch = 2, .epochs = 100, .step = 27, .steps = 54, .loss = 0.43124, .rate = 61233.7, .seconds_left = 125};
  BOOST_TEST(progress_line(state, false) ==
             "epoch 3/100 [##########..........] 27/54  loss 0.4312  61234/s  2:05 left");
  ProgressState later = state;
  later.seconds_left = 3725;
  BOOST_TEST(progress_line(later, false).ends_with("  1:02:05 left"));
  later.rate = 0;
  BOOST_TEST(progress_line(later, false).ends_with("loss 0.4312"));
  later.step = later.steps = 0;
  BOOST_TEST(contains(progress_line(later, false), "[####################] 0/0"));
}

BOOST_AUTO_TEST_CASE(only_the_bar_is_colored) {
  const ProgressState state{.epoch = 0, .epochs = 1, .step = 1, .steps = 2};
  std::string line = progress_line(state, true);
  BOOST_TEST(contains(line, green + "##########\x1b[0m.........."), line);
  BOOST_TEST(progress_line(state, false).find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_terminal_gets_one_line_drawn_in_place_and_taken_away_at_the_end) {
  const Environment terminal("xterm");
  const std::string text = shown(true, [] { one_epoch(false); });
  BOOST_TEST(text.starts_with(beginning_of_the_line + "epoch 1/2 ["), text);
  BOOST_TEST(contains(text, green), text);
  BOOST_TEST(text.ends_with(beginning_of_the_line + rest_of_the_line_gone), text);
  BOOST_TEST(std::ranges::count(text, '\n') == 0);
  // The steps took no time: it is drawn once and taken away once.
  BOOST_TEST(std::ranges::count(text, '\r') == 2);
}

BOOST_AUTO_TEST_CASE(a_terminal_is_drawn_on_ten_times_a_second_at_most) {
  const Environment terminal("xterm");
  const auto begin = std::chrono::steady_clock::now();
  const std::string text = shown(true, [] {
    Progress progress(false, 1, 250, 1);
    for (std::size_t step = 1; step <= 250; ++step) {
      progress.update(0, step, 1);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  const auto tenths = (std::chrono::steady_clock::now() - begin) / std::chrono::milliseconds(100);
  const auto times = std::ranges::count(text, 'h');  // one in each "epoch"
  BOOST_TEST(times >= 2, text);
  BOOST_TEST(times <= tenths + 1, text);
}

BOOST_AUTO_TEST_CASE(no_color_and_a_dumb_terminal_are_respected) {
  {
    const Environment without("xterm", "1");
    const std::string text = shown(true, [] { one_epoch(false); });
    BOOST_TEST(contains(text, "epoch 1/2 [##"), text);
    BOOST_TEST(!contains(text, green), text);
  }
  const Environment dumb("dumb");
  const std::string text = shown(true, [] { one_epoch(false); });
  BOOST_TEST(text.find('\x1b') == std::string::npos, text);
  BOOST_TEST(text.find('\r') == std::string::npos, text);
  BOOST_TEST(contains(text, "epoch 1/2 ["), text);
}

BOOST_AUTO_TEST_CASE(a_pipe_gets_a_plain_line_at_the_end_of_an_epoch_and_at_most_one_a_second) {
  const Environment terminal("xterm");
  const std::string text = shown(false, [] {
    Progress progress(false, 3, 10, 100);
    for (std::size_t epoch = 0; epoch < 3; ++epoch)
      for (std::size_t step = 1; step <= 10; ++step) progress.update(epoch, step, 0.5);
  });
  BOOST_TEST(text.starts_with("epoch 1/3 [####################] 10/10  loss 0.5000  "), text);
  BOOST_TEST(text.ends_with(" left\n"), text);
  BOOST_TEST(std::ranges::count(text, '\n') == 1, text);
  BOOST_TEST(text.find('\x1b') == std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(quiet_says_nothing) {
  const Environment terminal("xterm");
  for (const bool on_a_terminal : {true, false}) BOOST_TEST(shown(on_a_terminal, [] { one_epoch(true); }) == "");
}
