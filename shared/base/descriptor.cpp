module;
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

module rnn.base.descriptor;

import rnn.base.end_request;

namespace rnn {

namespace {

using Clock = std::chrono::steady_clock;

/// How long something may wait: forever, but at most a second after the program was asked to end, so that whatever is
/// about to be read anyway is still written.
class Patience {
 public:
  bool is_over() {
    if (end_requested() == 0) return false;
    if (!since_) since_ = Clock::now();
    return Clock::now() - *since_ >= std::chrono::seconds(1);
  }

 private:
  std::optional<Clock::time_point> since_;
};

/// While it lives, writing to a pipe that nobody reads is an error in this thread instead of a signal.
class WithoutPipeSignal {
 public:
  WithoutPipeSignal() {
    sigset_t pending{};
    ::sigpending(&pending);
    was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~WithoutPipeSignal() {
    const timespec at_once{};
    while (!was_pending_ && ::sigtimedwait(&pipe_, nullptr, &at_once) < 0 && errno == EINTR) continue;
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutPipeSignal(const WithoutPipeSignal&) = delete;
  WithoutPipeSignal& operator=(const WithoutPipeSignal&) = delete;

 private:
  sigset_t pipe_, before_;
  bool was_pending_;
};

/// 0 when the file can take bytes, or will say at once why it cannot. Signals interrupt poll, so a program that was
/// asked to end notices, whatever its handlers are.
int wait_until_writable(int file) {
  Patience patience;
  for (;;) {
    pollfd state{file, POLLOUT, 0};
    const int ready = ::poll(&state, 1, 100);
    if (ready > 0) return 0;
    if (ready < 0 && errno != EINTR) return errno;
    if (patience.is_over()) return EINTR;
  }
}

}  // namespace

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Descriptor::~Descriptor() { close(); }

int Descriptor::close() {
  const int number = std::exchange(number_, -1);
  if (number < 0 || ::close(number) == 0 || errno == EINTR) return 0;  // Linux closes it even when interrupted
  return errno;
}

Descriptor open_file(int folder, const char* name, int flags, unsigned mode) {
  for (;;) {
    Descriptor file(::openat(folder, name, flags | O_CLOEXEC, mode));
    if (file || errno != EINTR) return file;
  }
}

int write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

int write_when_read(int file, std::string_view bytes) {
  const WithoutPipeSignal none;
  while (!bytes.empty()) {
    if (const int error = wait_until_writable(file)) return error;
    // A pipe that is ready takes this much without waiting.
    const ssize_t written = ::write(file, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

static bool is_pipe(const char* name) {
  struct stat found{};
  return ::stat(name, &found) == 0 && S_ISFIFO(found.st_mode);
}

Descriptor open_when_read(const char* name) {
  Patience patience;
  for (;;) {
    Descriptor file = open_file(AT_FDCWD, name, O_WRONLY | O_NONBLOCK | O_NOCTTY);
    if (file || errno != ENXIO) return file;
    if (!is_pipe(name)) {  // a pipe has no reader yet; anything else has nothing behind it
      errno = ENXIO;
      return {};
    }
    if (patience.is_over()) {
      errno = EINTR;
      return {};
    }
    const timespec moment{0, 10'000'000};
    ::nanosleep(&moment, nullptr);
  }
}

}  // namespace rnn
