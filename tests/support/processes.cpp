#include "processes.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace rnn::testing {

Child::Child(const std::function<std::string()>& work) {
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

Child::~Child() {
  if (pid_ > 0) ::kill(pid_, SIGKILL), ::waitpid(pid_, nullptr, 0);
  ::close(answer_);
}

std::string Child::answer(std::chrono::milliseconds limit) {
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

std::string in_a_child(const std::function<std::string()>& work) { return Child(work).answer(); }

void skipped(const std::string& what, int error) {
  BOOST_TEST_MESSAGE("SKIPPED: " << what << ": " << std::strerror(error));
}

int own_mounts() {
  if (::unshare(CLONE_NEWNS) != 0) return errno;
  return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 ? 0 : errno;
}

}  // namespace rnn::testing
