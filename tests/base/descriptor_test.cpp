#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "../support/chapter.hpp"

import rnn.base.descriptor;
import rnn.base.end_request;

using namespace rnn;
using testing::Folder;

namespace {

bool is_open(int number) { return ::fcntl(number, F_GETFD) >= 0; }

struct Pipe {
  Pipe() {
    int ends[2];
    BOOST_TEST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    from = Descriptor(ends[0]), to = Descriptor(ends[1]);
  }
  std::string rest() {
    std::string text;
    char buffer[1000];
    for (ssize_t got; (got = ::read(from.number(), buffer, sizeof buffer)) > 0;) text.append(buffer, std::size_t(got));
    return text;
  }
  Descriptor from, to;
};

/// Fills a pipe, so that the next byte waits.
void fill(int file) {
  const int flags = ::fcntl(file, F_GETFL);
  ::fcntl(file, F_SETFL, flags | O_NONBLOCK);
  while (::write(file, "x", 1) == 1) continue;
  ::fcntl(file, F_SETFL, flags);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_descriptor_is_closed_once_and_may_change_hands) {
  int number = -1;
  {
    Descriptor file = open_file(AT_FDCWD, "/dev/null", O_RDONLY);
    number = file.number();
    BOOST_TEST((bool(file) && is_open(number)));
    BOOST_TEST((::fcntl(number, F_GETFD) & FD_CLOEXEC) != 0);
    Descriptor other = std::move(file);
    BOOST_TEST((!file && other.number() == number));
    file = std::move(other);
    BOOST_TEST((!other && file.number() == number));
  }
  BOOST_TEST(!is_open(number));
  Descriptor file = open_file(AT_FDCWD, "/dev/null", O_RDONLY);
  BOOST_TEST(file.close() == 0);
  BOOST_TEST((!file && file.close() == 0));
  BOOST_TEST(Descriptor(number).close() == EBADF);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_opened_is_not_open) {
  errno = 0;
  BOOST_TEST(!open_file(AT_FDCWD, "/no/such/file", O_RDONLY));
  BOOST_TEST(errno == ENOENT);
}

BOOST_AUTO_TEST_CASE(all_bytes_are_written_or_the_error_is_returned) {
  std::string text;
  while (text.size() < 300'000) text += std::to_string(text.size());
  for (const auto write : {write_all, write_when_read}) {
    Pipe pipe;
    std::thread writer([&] {
      write(pipe.to.number(), text);
      pipe.to.close();
    });
    const std::string read = pipe.rest();
    writer.join();
    BOOST_TEST((read == text));
    BOOST_TEST(write(pipe.from.number(), "a") == EBADF);
    BOOST_TEST(write(pipe.from.number(), "") == 0);
  }
}

BOOST_AUTO_TEST_CASE(a_reader_that_went_away_is_an_error_and_no_signal) {
  Pipe pipe;
  pipe.from.close();
  BOOST_TEST(write_when_read(pipe.to.number(), "a") == EPIPE);
  sigset_t blocked, pending;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  ::sigpending(&pending);
  BOOST_TEST((::sigismember(&blocked, SIGPIPE) == 0 && ::sigismember(&pending, SIGPIPE) == 0));
}

BOOST_AUTO_TEST_CASE(a_signal_for_broken_pipes_that_waits_already_goes_on_waiting) {
  sigset_t pipe_signal, before, pending;
  ::sigemptyset(&pipe_signal), ::sigaddset(&pipe_signal, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  ::raise(SIGPIPE);
  Pipe pipe;
  BOOST_TEST(write_when_read(pipe.to.number(), "a") == 0);
  ::sigpending(&pending);
  BOOST_TEST(::sigismember(&pending, SIGPIPE) == 1);
  const timespec at_once{};
  ::sigtimedwait(&pipe_signal, nullptr, &at_once);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

BOOST_AUTO_TEST_CASE(when_the_program_is_to_end_a_write_waits_for_a_second_and_an_opening_too) {
  const Folder folder;
  BOOST_TEST_REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  Pipe pipe;
  fill(pipe.to.number());
  request_end(SIGTERM);
  const auto seconds = [](auto action) {
    const auto begin = std::chrono::steady_clock::now();
    action();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  const double writing = seconds([&] { BOOST_TEST(write_when_read(pipe.to.number(), "a") == EINTR); });
  const double opening = seconds([&] {
    BOOST_TEST(!open_when_read((folder / "pipe").c_str()));
    BOOST_TEST(errno == EINTR);
  });
  request_end(0);
  for (const double took : {writing, opening}) BOOST_TEST((took >= 1 && took < 10));
}

BOOST_AUTO_TEST_CASE(a_pipe_is_opened_when_it_has_a_reader_and_what_is_nothing_at_once_is_not) {
  const Folder folder;
  const std::string name = folder / "pipe";
  BOOST_TEST_REQUIRE(::mkfifo(name.c_str(), 0600) == 0);
  std::thread reader([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    const Descriptor file = open_file(AT_FDCWD, name.c_str(), O_RDONLY);
  });
  BOOST_TEST(bool(open_when_read(name.c_str())));
  reader.join();
  BOOST_TEST(bool(open_when_read("/dev/null")));
  BOOST_TEST(!open_when_read((folder / "none").c_str()));
  BOOST_TEST(errno == ENOENT);
}
