#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <thread>

#include "../support/chapter.hpp"
#include "../support/processes.hpp"

import rnn.base.end_request;
import rnn.base.error;
import rnn.base.file;

using namespace rnn;
using namespace std::chrono_literals;
using testing::Child;
using testing::Folder;
using testing::in_a_child;
namespace fs = std::filesystem;

namespace {

std::string can(const std::function<void()>& work) {
  try {
    work();
  } catch (const FileError& error) {
    return error.what();
  }
  return "yes";
}
std::string can_replace(const fs::path& path, const std::string& bytes = "new") {
  return can([&] { replace_file(path, bytes); });
}

struct Pipe : Folder {
  const std::string path = *this / "pipe";
  Pipe() { BOOST_TEST_REQUIRE(::mkfifo(path.c_str(), 0600) == 0); }
};

/// All that comes out of a pipe, up to its end.
std::string read_to_the_end(const std::string& path) { return read_file(path); }

/// As the programs do it: the first signal is only remembered, and calls that it interrupts go on.
void remember_signals() {
  struct sigaction action = {};
  action.sa_handler = [](int number) { request_end(number); };
  action.sa_flags = SA_RESTART;
  for (const int each : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(each, &action, nullptr);
}

/// What is said by a child whose stdout is open on `path`.
std::string with_stdout_to(const std::string& path, int flags, const std::function<std::string()>& work) {
  return in_a_child([&] {
    ::dup2(::open(path.c_str(), flags, 0600), 1);
    const std::string said = work();
    std::cout.flush();
    return said;
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(nobody_has_asked_for_the_end_at_the_beginning) {
  BOOST_TEST(in_a_child([] { return std::to_string(end_requested()); }) == "0");
}

BOOST_AUTO_TEST_CASE(a_pipe_gets_the_bytes_and_stays_a_pipe) {
  const Pipe pipe;
  const std::string bytes(300'000, 'x');  // more than a pipe holds at a time
  Child reader([&] { return read_to_the_end(pipe.path); });
  BOOST_TEST(can_replace(pipe.path, bytes) == "yes");
  BOOST_TEST((reader.answer() == bytes));
  BOOST_TEST(fs::is_fifo(pipe.path));
}

BOOST_AUTO_TEST_CASE(asking_whether_a_pipe_can_be_written_is_not_its_end) {
  const Pipe pipe;
  Child reader([&] { return read_to_the_end(pipe.path); });
  for (int i = 0; i < 20; ++i) {
    require_writable(pipe.path);
    std::this_thread::sleep_for(1ms);
  }
  BOOST_TEST(can_replace(pipe.path) == "yes");
  BOOST_TEST(reader.answer() == "new");
}

BOOST_AUTO_TEST_CASE(the_first_signal_ends_waiting_for_a_reader) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const Pipe pipe;
    Child writer([&] {
      remember_signals();
      return can_replace(pipe.path);
    });
    BOOST_TEST(writer.answer(200ms) == "still running");
    ::kill(writer.pid(), signal);
    BOOST_TEST(writer.answer(10s) ==
               pipe.path + ": cannot be written: nobody reads it, and the program was asked to end");
  }
}

BOOST_AUTO_TEST_CASE(a_signal_that_came_before_ends_waiting_as_well) {
  const Pipe pipe;
  const std::string answer = in_a_child([&] {
    request_end(SIGINT);
    return can_replace(pipe.path);
  });
  BOOST_TEST(answer == pipe.path + ": cannot be written: nobody reads it, and the program was asked to end");
}

BOOST_AUTO_TEST_CASE(a_signal_ends_waiting_for_a_reader_that_has_stopped_to_read) {
  const Pipe pipe;
  const int reader = ::open(pipe.path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  Child writer([&] {
    remember_signals();
    return can_replace(pipe.path, std::string(300'000, 'x'));
  });
  BOOST_TEST(writer.answer(300ms) == "still running");
  ::kill(writer.pid(), SIGTERM);
  BOOST_TEST(writer.answer(10s) ==
             pipe.path + ": cannot be written: nobody reads it, and the program was asked to end");
  ::close(reader);
}

BOOST_AUTO_TEST_CASE(what_is_being_read_is_written_to_its_end_although_the_program_is_to_end) {
  const Pipe pipe;
  const std::string bytes(300'000, 'x');
  Child reader([&] {
    const int file = ::open(pipe.path.c_str(), O_RDONLY);
    std::size_t got = 0;
    char buffer[20'000];
    for (ssize_t n; (n = ::read(file, buffer, sizeof buffer)) > 0; got += std::size_t(n)) {
      std::this_thread::sleep_for(10ms);
    }
    return std::to_string(got);
  });
  const std::string answer = in_a_child([&] {
    request_end(SIGINT);
    return can_replace(pipe.path, bytes);
  });
  BOOST_TEST(answer == "yes");
  BOOST_TEST(reader.answer() == "300000");
}

BOOST_AUTO_TEST_CASE(other_signals_do_not_disturb_a_write) {
  const Pipe pipe;
  struct sigaction action = {};
  action.sa_handler = [](int) {};
  ::sigaction(SIGUSR1, &action, nullptr);  // before the fork, so that no signal comes too early
  Child writer([&] { return can_replace(pipe.path, std::string(300'000, 'x')); });
  for (int i = 0; i < 20; ++i) {
    std::this_thread::sleep_for(3ms);
    ::kill(writer.pid(), SIGUSR1);
  }
  Child reader([&] { return std::to_string(read_to_the_end(pipe.path).size()); });
  for (int i = 0; i < 20; ++i) {
    ::kill(writer.pid(), SIGUSR1);
    std::this_thread::sleep_for(1ms);
  }
  BOOST_TEST(reader.answer() == "300000");
  BOOST_TEST(writer.answer() == "yes");
}

BOOST_AUTO_TEST_CASE(a_reader_that_goes_away_is_an_error_and_not_the_end) {
  const Pipe pipe;
  Child writer([&] { return can_replace(pipe.path, std::string(300'000, 'x')); });
  const int reader = ::open(pipe.path.c_str(), O_RDONLY);
  ::close(reader);
  BOOST_TEST(writer.answer() == pipe.path + ": cannot be written: Broken pipe");
}

BOOST_AUTO_TEST_CASE(a_descriptor_is_written_to_after_what_was_printed_before) {
  const Folder folder;
  for (const char* name : {"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/proc/thread-self/fd/1"}) {
    const std::string file = folder.file("f", "");
    const std::string said = with_stdout_to(file, O_WRONLY, [&] {
      std::cout << "one\n";
      require_writable(name);
      std::string result = can_replace(name, "two\n");
      std::cout << "three\n";
      GrowingFile growing(name, "four\n");
      std::cout << "five\n";
      growing.append("six\n");
      return result;
    });
    BOOST_TEST(said == "yes", name);
    BOOST_TEST(folder.read("f") == "one\ntwo\nthree\nfour\nfive\nsix\n", name);
  }
}

BOOST_AUTO_TEST_CASE(a_descriptor_that_is_not_open_for_writing_is_refused_at_the_start) {
  const Folder folder;
  const std::string file = folder.file("f", "");
  const std::string said = with_stdout_to(
      file, O_RDONLY, [] { return can([] { require_writable("/dev/stdout"); }) + " " + can_replace("/dev/stdout"); });
  BOOST_TEST(said == "/dev/stdout: Bad file descriptor /dev/stdout: cannot be written: Bad file descriptor");
  const std::string of_pipe = in_a_child([] {
    int ends[2];
    ::dup2(::pipe(ends) == 0 ? ends[0] : -1, 1);
    return can([] { require_writable("/dev/stdout"); });
  });
  BOOST_TEST(of_pipe == "/dev/stdout: Bad file descriptor");
}

BOOST_AUTO_TEST_CASE(the_descriptor_0_is_one_like_any_other) {
  const Folder folder;
  const std::string said = in_a_child([&] {
    ::dup2(::open(folder.file("f", "").c_str(), O_WRONLY), 0);
    std::string result = can_replace("/dev/fd/0", "one ");
    GrowingFile("/dev/stdin", "two ").append("three");
    return result;
  });
  BOOST_TEST(said == "yes");
  BOOST_TEST(folder.read("f") == "one two three");
  // Also where it cannot be opened once more.
  const std::string got = in_a_child([] {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return std::string();
    ::dup2(ends[0], 0);
    GrowingFile("/dev/stdin", "two ").append("three");
    std::string text(9, '\0');
    text.resize(std::size_t(std::max<ssize_t>(0, ::read(ends[1], text.data(), text.size()))));
    return text;
  });
  BOOST_TEST(got == "two three");
}

BOOST_AUTO_TEST_CASE(a_file_that_grows_has_all_that_was_added) {
  const Folder folder;
  folder.file("a", "old and long");
  fs::create_symlink("a", folder / "link");
  GrowingFile file(folder / "link", "one\n");
  BOOST_TEST(folder.read("a") == "one\n");
  file.append("two\n");
  file.append("");
  file.append("three\n");
  BOOST_TEST(folder.read("a") == "one\ntwo\nthree\n");
  BOOST_TEST(fs::is_symlink(folder / "link"));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_not_added_in_part) {
  const Folder folder;
  const std::string said = in_a_child([&] {
    GrowingFile file(folder / "a", "one\n");
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &small);
    return can([&] { file.append(std::string(5000, 'x')); });
  });
  BOOST_TEST(said == folder / "a" + ": cannot be written: File too large");
  BOOST_TEST(folder.read("a") == "one\n");
}

BOOST_AUTO_TEST_CASE(the_reader_of_a_pipe_sees_one_file_that_grows) {
  const Pipe pipe;
  Child reader([&] { return read_to_the_end(pipe.path); });
  {
    GrowingFile file(pipe.path, "one\n");
    std::this_thread::sleep_for(50ms);
    file.append("two\n");
  }
  BOOST_TEST(reader.answer() == "one\ntwo\n");
}
