module;
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

module rnn.base.filter;

import rnn.base.descriptor;
import rnn.base.file;

namespace rnn {

namespace {

using Clock = std::chrono::steady_clock;

/// A file in memory, gone when it is closed.
Descriptor scratch() {
  Descriptor file(::memfd_create("filter", MFD_CLOEXEC));
  if (!file) throw std::system_error(errno, std::generic_category(), "a file in memory");
  return file;
}

std::string content(const Descriptor& file) {
  std::string text(static_cast<std::size_t>(::lseek(file.number(), 0, SEEK_END)), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t got = ::pread(file.number(), text.data() + have, text.size() - have, off_t(have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw std::system_error(got < 0 ? errno : EIO, std::generic_category(), "a file in memory");
    have += static_cast<std::size_t>(got);
  }
  return text;
}

/// A run of a program. When this one ends, so does that one.
class Child {
 public:
  /// It reads `in` and writes `out`. The command ends with a null pointer.
  Child(char* const* command, const Descriptor& in, const Descriptor& out) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), command[0]);
    Descriptor from_child(ends[0]), to_parent(ends[1]);
    const pid_t parent = ::getpid();
    child_ = ::fork();
    if (child_ < 0) {
      start_error_ = errno;
    } else if (child_ == 0) {
      become(command, in.number(), out.number(), to_parent.number(), parent);
    } else {
      to_parent.close();  // the child's report on its start ends with the start
      while (::read(from_child.number(), &start_error_, sizeof start_error_) < 0 && errno == EINTR) continue;
    }
  }
  ~Child() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) continue;
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Why it could not be started; 0 when it was.
  int start_error() const { return start_error_; }

  /// True when it ends before `end`; `status` is then what waitpid says.
  bool wait(Clock::time_point end, int& status) {
    for (;;) {
      const pid_t ended = ::waitpid(child_, &status, WNOHANG);
      if (ended == child_) return child_ = 0, true;
      if (Clock::now() >= end) return false;
      const timespec moment{0, 5'000'000};
      ::nanosleep(&moment, nullptr);
    }
  }

 private:
  // Between fork and exec, only calls that need no lock and no memory.
  [[noreturn]] static void become(char* const* command, int in, int out, int say, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::lseek(in, 0, SEEK_SET);
    if (::dup2(in, 0) == 0 && ::dup2(out, 1) == 1 && ::dup2(nowhere, 2) == 2) {
      ::execvp(command[0], command);
    }
    const int error = errno;
    (void)!::write(say, &error, sizeof error);
    ::_exit(127);
  }

  pid_t child_ = 0;
  int start_error_ = 0;
};

}  // namespace

Filtered filter(std::vector<std::string> command, std::string_view input, std::chrono::milliseconds limit) {
  const Descriptor in = scratch(), out = scratch();
  if (const int error = write_all(in.number(), input)) {
    throw std::system_error(error, std::generic_category(), "a file in memory");
  }
  std::vector<char*> words;
  for (std::string& word : command) words.push_back(word.data());
  words.push_back(nullptr);
  const Clock::time_point end = Clock::now() + limit;
  Child run(words.data(), in, out);
  if (run.start_error() != 0) return {Filtered::End::not_found, std::generic_category().message(run.start_error())};
  int status = 0;
  if (!run.wait(end, status)) return {Filtered::End::too_late, ""};
  if (status != 0) return {Filtered::End::failed, ""};
  return {Filtered::End::done, content(out)};
}

}  // namespace rnn
