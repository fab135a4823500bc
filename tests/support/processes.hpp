#pragma once
// Parts of a test that need a process of their own: other rights, other mounts, limits, signals.

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <functional>
#include <string>
#include <thread>

namespace rnn::testing {

/// A child of this process that runs `work` and says what that returns; an exception is "threw: …".
class Child {
 public:
  explicit Child(const std::function<std::string()>& work) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      std::string text;
      try {
        text = work();
      } catch (const std::exception& error) {
        text = std::string("threw: ") + error.what();
      }
      for (std::string_view rest = text; !rest.empty();) {
        const ssize_t written = ::write(ends[1], rest.data(), rest.size());
        if (written <= 0) break;
        rest.remove_prefix(std::size_t(written));
      }
      ::_exit(0);
    }
    ::close(ends[1]);
    answer_ = ends[0];
  }
  ~Child() {
    if (pid_ > 0) ::kill(pid_, SIGKILL), ::waitpid(pid_, nullptr, 0);
    ::close(answer_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }

  /// What it said, "killed by signal N", or "still running" after so long.
  std::string answer(std::chrono::milliseconds limit = std::chrono::seconds(30)) {
    std::string text;
    char buffer[4096];
    const auto end = std::chrono::steady_clock::now() + limit;
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
      pollfd state{answer_, POLLIN, 0};
      if (left.count() <= 0 || ::poll(&state, 1, int(left.count())) == 0) return "still running";
      const ssize_t got = ::read(answer_, buffer, sizeof buffer);
      if (got <= 0) break;
      text.append(buffer, std::size_t(got));
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFSIGNALED(status) ? "killed by signal " + std::to_string(WTERMSIG(status)) : text;
  }

 private:
  pid_t pid_ = 0;
  int answer_ = -1;
};

inline std::string in_a_child(const std::function<std::string()>& work) { return Child(work).answer(); }

/// Root is refused nothing: if this runs as root, `what` is done with the rights of nobody.
template <class What>
auto as_nobody(What what) {
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  struct Back {
    uid_t user;
    gid_t group;
    ~Back() {
      if (user == 0 && (::seteuid(0) != 0 || ::setegid(group) != 0)) std::terminate();
    }
  } const back{user, group};
  if (user == 0) BOOST_TEST_REQUIRE((::setegid(65534) == 0 && ::seteuid(65534) == 0));
  return what();
}

/// A part of a test that this system cannot run: it is reported, never skipped silently.
inline void skipped(const std::string& what, int error) {
  BOOST_TEST_MESSAGE("SKIPPED: " << what << ": " << std::strerror(error));
}

/// A namespace of mounts that belongs to this process alone. 0 or errno.
inline int own_mounts() {
  if (::unshare(CLONE_NEWNS) != 0) return errno;
  return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 ? 0 : errno;
}

}  // namespace rnn::testing
