#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <thread>
#include <utility>

#include "../support/chapter.hpp"
#include "../support/refusals.hpp"

import rnn.base.descriptor;
import rnn.base.end_request;

using namespace rnn;
using testing::Folder;
using testing::is_refused;

namespace {

/// What calls of the system say before they do what they are asked: errors, one for each call.
struct Refusals {
  std::deque<int> write, poll, open, close, wait;
};
Refusals refusals;

/// While it is set, waiting takes no time: the clock goes on instead.
bool time_flies = false;
std::atomic<long> milliseconds_flown = 0;

/// The signals that were blocked during the last write.
sigset_t blocked_in_write;

bool is_open(int number) { return ::fcntl(number, F_GETFD) >= 0; }

}  // namespace

// These replace the system's own functions throughout this program.
extern "C" ssize_t write(int file, const void* bytes, std::size_t count) {
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked_in_write);
  return is_refused(refusals.write) ? -1 : ::syscall(SYS_write, file, bytes, count);
}
extern "C" int poll(pollfd* files, nfds_t count, int milliseconds) {
  if (is_refused(refusals.poll)) return -1;
  if (!time_flies) return int(::syscall(SYS_poll, files, count, milliseconds));
  milliseconds_flown += milliseconds;
  return int(::syscall(SYS_poll, files, count, 0));
}
extern "C" int openat64(int folder, const char* name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return is_refused(refusals.open) ? -1 : int(::syscall(SYS_openat, folder, name, flags, mode));
}
extern "C" int close(int file) {
  const int closed = int(::syscall(SYS_close, file));
  return is_refused(refusals.close) ? -1 : closed;
}
extern "C" int sigtimedwait(const sigset_t* signals, siginfo_t* info, const timespec* time) {
  return is_refused(refusals.wait) ? -1 : int(::syscall(SYS_rt_sigtimedwait, signals, info, time, _NSIG / 8));
}
extern "C" int nanosleep(const timespec* time, timespec* rest) {
  if (!time_flies) return int(::syscall(SYS_nanosleep, time, rest));
  milliseconds_flown += time->tv_sec * 1000 + time->tv_nsec / 1'000'000;
  return 0;
}
extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const int failed = int(::syscall(SYS_clock_gettime, clock, now));
  now->tv_sec += milliseconds_flown / 1000;
  now->tv_nsec += milliseconds_flown % 1000 * 1'000'000;
  if (now->tv_nsec >= 1'000'000'000) now->tv_sec += 1, now->tv_nsec -= 1'000'000'000;
  return failed;
}

namespace {

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
  errno = ENOENT;  // of something else
  BOOST_TEST(file.close() == 0);
  BOOST_TEST((!file && file.close() == 0));
  BOOST_TEST(Descriptor(number).close() == EBADF);
  // Linux closes a file even when that is interrupted.
  refusals.close = {EINTR, EIO};
  for (const int expected : {0, EIO}) BOOST_TEST(open_file(AT_FDCWD, "/dev/null", O_RDONLY).close() == expected);
  // The number 0 is one like any other.
  const int input = ::dup(0);
  Descriptor zero(0);
  BOOST_TEST((bool(zero) && zero.close() == 0 && !is_open(0)));
  ::dup2(input, 0), ::close(input);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_opened_is_not_open) {
  errno = 0;
  BOOST_TEST(!open_file(AT_FDCWD, "/no/such/file", O_RDONLY));
  BOOST_TEST(errno == ENOENT);
}

BOOST_AUTO_TEST_CASE(a_call_that_a_signal_has_interrupted_is_made_again_and_other_errors_are_returned) {
  refusals.open = {EINTR, EINTR};
  BOOST_TEST(bool(open_file(AT_FDCWD, "/dev/null", O_RDONLY)));
  refusals.open = {EINTR, EMFILE};
  BOOST_TEST(!open_file(AT_FDCWD, "/dev/null", O_RDONLY));
  BOOST_TEST(errno == EMFILE);
  Pipe pipe;
  refusals.write = {EINTR, EINTR};
  BOOST_TEST(write_all(pipe.to.number(), "all ") == 0);
  refusals.write = {EINTR, EAGAIN, EINTR};
  refusals.poll = {EINTR, EINTR};
  BOOST_TEST(write_when_read(pipe.to.number(), "of it") == 0);
  refusals.write = {ENOSPC};
  BOOST_TEST(write_all(pipe.to.number(), "a") == ENOSPC);
  refusals.write = {EINTR, EIO};
  BOOST_TEST(write_when_read(pipe.to.number(), "a") == EIO);
  refusals.poll = {EINTR, ENOMEM};
  BOOST_TEST(write_when_read(pipe.to.number(), "a") == ENOMEM);
  refusals.write = {EAGAIN};
  BOOST_TEST(write_all(pipe.to.number(), "a") == EAGAIN);
  pipe.to.close();
  BOOST_TEST(pipe.rest() == "all of it");
  BOOST_TEST((refusals.write.empty() && refusals.poll.empty() && refusals.open.empty()));
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
  refusals.wait = {EINTR, EINTR};
  BOOST_TEST(write_when_read(pipe.to.number(), "a") == EPIPE);
  BOOST_TEST(refusals.wait.empty());
  for (const int signal : {SIGHUP, SIGINT, SIGPIPE, SIGTERM, SIGUSR1, SIGALRM, SIGCHLD}) {
    BOOST_TEST(::sigismember(&blocked_in_write, signal) == (signal == SIGPIPE), signal);
  }
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
  time_flies = true;
  const auto seconds = [](auto action) {
    const auto begin = std::chrono::steady_clock::now();
    action();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  const double writing = seconds([&] { BOOST_TEST(write_when_read(pipe.to.number(), "a") == EINTR); });
  const long flown = milliseconds_flown;
  const double opening = seconds([&] {
    BOOST_TEST(!open_when_read((folder / "pipe").c_str()));
    BOOST_TEST(errno == EINTR);
  });
  BOOST_TEST(milliseconds_flown - flown > 900);  // most of the time it sleeps
  time_flies = false;
  request_end(0);
  for (const double took : {writing, opening}) BOOST_TEST((took >= 1 && took < 1.9), took);
}

BOOST_AUTO_TEST_CASE(otherwise_a_write_waits_as_long_as_it_takes) {
  Pipe pipe;
  fill(pipe.to.number());
  time_flies = true;
  const long begin = milliseconds_flown;
  std::thread reader([&] {
    while (milliseconds_flown - begin < 60'000) std::this_thread::yield();
    pipe.rest();
  });
  BOOST_TEST(write_when_read(pipe.to.number(), "a") == 0);
  pipe.to.close();
  reader.join();
  time_flies = false;
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
  // Nothing is behind a socket that no program listens to.
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  (folder / "socket").copy(address.sun_path, sizeof address.sun_path - 1);
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  BOOST_TEST_REQUIRE(::bind(socket.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  BOOST_TEST(!open_when_read((folder / "socket").c_str()));
  BOOST_TEST(errno == ENXIO);
}
