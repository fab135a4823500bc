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
#include <filesystem>
#include <string>
#include <system_error>

module rnn.formats.dot;

import rnn.autodiff.graph;
import rnn.base.descriptor;
import rnn.base.error;
import rnn.base.file;

namespace rnn {

namespace {

using Clock = std::chrono::steady_clock;

/// A file in memory, gone when it is closed.
Descriptor scratch() {
  Descriptor file(::memfd_create("graph", MFD_CLOEXEC));
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

/// A run of Graphviz's program dot. When this program ends, so does that one.
class Dot {
 public:
  /// Draws what is in `in`; the drawing goes to `out`.
  Dot(const Descriptor& in, const Descriptor& out) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "dot");
    Descriptor from_child(ends[0]), to_parent(ends[1]);
    const pid_t parent = ::getpid();
    child_ = ::fork();
    if (child_ < 0) {
      start_error_ = errno;
    } else if (child_ == 0) {
      become_dot(in.number(), out.number(), to_parent.number(), parent);
    } else {
      to_parent.close();  // the child's report on its start ends with the start
      while (::read(from_child.number(), &start_error_, sizeof start_error_) < 0 && errno == EINTR) continue;
    }
  }
  ~Dot() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) continue;
  }
  Dot(const Dot&) = delete;
  Dot& operator=(const Dot&) = delete;

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
  // Between fork and exec, only calls that need no lock and no memory. dot's messages are discarded: its status
  // decides.
  [[noreturn]] static void become_dot(int in, int out, int say, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::lseek(in, 0, SEEK_SET);
    if (::dup2(in, 0) == 0 && ::dup2(out, 1) == 1 && ::dup2(nowhere, 2) == 2) {
      ::execlp("dot", "dot", "-Tsvg", static_cast<char*>(nullptr));
    }
    const int error = errno;
    (void)!::write(say, &error, sizeof error);
    ::_exit(127);
  }

  pid_t child_ = 0;
  int start_error_ = 0;
};

/// The drawing that `dot -Tsvg` makes of it.
std::string drawing(const std::string& dot, const std::filesystem::path& path, std::chrono::milliseconds limit) {
  const std::string otherwise = "; a file name that ends in .dot needs no drawing";
  const Descriptor in = scratch(), out = scratch();
  if (const int error = write_all(in.number(), dot)) {
    throw std::system_error(error, std::generic_category(), "a file in memory");
  }
  const Clock::time_point end = Clock::now() + limit;
  Dot run(in, out);
  if (run.start_error() != 0) {
    throw FileError(path, "expected Graphviz's program dot to draw it, found none (" +
                              std::generic_category().message(run.start_error()) + ")" + otherwise);
  }
  int status = 0;
  if (!run.wait(end, status)) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit).count();
    throw FileError(path, "cannot be drawn: Graphviz's program dot is not done after " + std::to_string(seconds) +
                              " s" + otherwise);
  }
  if (status != 0) throw FileError(path, "cannot be drawn: Graphviz's program dot failed");
  return content(out);
}

}  // namespace

void write_graph(const std::filesystem::path& path, const Graph& graph, const std::string& title,
                 std::chrono::milliseconds limit) {
  const std::string dot = to_dot(graph, title);
  replace_file(path, has_extension(path, ".svg") ? drawing(dot, path, limit) : dot);
}

}  // namespace rnn
