#include <dlfcn.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "../support/chapter.hpp"
#include "../support/processes.hpp"
#include "../support/refusals.hpp"

import rnn.base.filter;

using namespace rnn;
using namespace std::chrono_literals;
using rnn::testing::is_refused;

namespace {

/// What calls of the system say before they do what they are asked: errors, one for each call.
struct Refusals {
  std::deque<int> memory, pipe, fork, read, read_at, wait;
};
Refusals refusals;

/// The most that one call reads of a file at a place.
std::size_t longest_read = std::size_t(-1);

/// Who was sent a signal.
std::vector<pid_t> signaled;

/// Whether signals reach anybody, and how the last child ended.
bool signals_arrive = true;
int last_end = -1;

/// The parent ends before its child can ask to end with it.
bool parent_dies_first = false;

}  // namespace

// These replace the system's own functions throughout this program.
extern "C" int memfd_create(const char* name, unsigned flags) noexcept {
  return is_refused(refusals.memory) ? -1 : int(::syscall(SYS_memfd_create, name, flags));
}
extern "C" int pipe2(int* ends, int flags) noexcept {
  return is_refused(refusals.pipe) ? -1 : int(::syscall(SYS_pipe2, ends, flags));
}
extern "C" pid_t fork() noexcept {
  static const auto system_fork = reinterpret_cast<decltype(&fork)>(::dlsym(RTLD_NEXT, "fork"));
  return is_refused(refusals.fork) ? -1 : system_fork();
}
extern "C" ssize_t read(int file, void* bytes, std::size_t count) {
  return is_refused(refusals.read) ? -1 : ::syscall(SYS_read, file, bytes, count);
}
extern "C" ssize_t pread64(int file, void* bytes, std::size_t count, off64_t at) {
  if (is_refused(refusals.read_at)) return errno == 0 ? 0 : -1;
  return ::syscall(SYS_pread64, file, bytes, std::min(count, longest_read), at);
}
extern "C" pid_t waitpid(pid_t child, int* status, int options) {
  if (is_refused(refusals.wait)) return -1;
  const pid_t ended = pid_t(::syscall(SYS_wait4, child, &last_end, options, nullptr));
  if (status && ended > 0) *status = last_end;
  return ended;
}
extern "C" int kill(pid_t whom, int signal) noexcept {
  signaled.push_back(whom);
  return signals_arrive ? int(::syscall(SYS_kill, whom, signal)) : 0;
}
extern "C" int prctl(int what, ...) noexcept {
  va_list rest;
  va_start(rest, what);
  const unsigned long value = va_arg(rest, unsigned long);
  va_end(rest);
  if (parent_dies_first) {
    const pid_t parent = ::getppid();
    ::syscall(SYS_kill, parent, SIGKILL);
    while (::getppid() == parent) ::usleep(1000);
  }
  return int(::syscall(SYS_prctl, what, value, 0, 0, 0));
}

namespace {

Filtered run(const std::string& script, const std::string& input = "", std::chrono::milliseconds limit = 60s) {
  return filter({"sh", "-c", script}, input, limit);
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_a_program_writes_comes_back) {
  std::string large;
  while (large.size() < 1'000'000) large += std::to_string(large.size()) + '\n';
  for (const std::string& input : {std::string(), std::string("a\0b", 3), large}) {
    const auto [end, text] = filter({"cat"}, input, 60s);
    BOOST_TEST((end == Filtered::End::done));
    BOOST_TEST((text == input));
  }
  BOOST_TEST(filter({"printf", "%s|", "two words", ""}, "", 60s).text == "two words||");
}

BOOST_AUTO_TEST_CASE(what_it_says_on_standard_error_is_discarded) {
  BOOST_TEST(run("echo said >&2; echo written").text == "written\n");
}

BOOST_AUTO_TEST_CASE(a_program_that_fails_or_is_killed_has_failed) {
  for (const char* script : {"echo written; exit 1", "kill -9 $$"}) {
    const auto [end, text] = run(script);
    BOOST_TEST((end == Filtered::End::failed), script);
    BOOST_TEST(text == "");
  }
}

BOOST_AUTO_TEST_CASE(a_program_that_is_not_there_is_not_found_and_why) {
  const auto [end, text] = filter({"no-such-program"}, "", 60s);
  BOOST_TEST((end == Filtered::End::not_found));
  BOOST_TEST(text == "No such file or directory");
  BOOST_TEST(filter({"/etc/passwd"}, "", 60s).text == "Permission denied");
  signals_arrive = false;  // the process that was to become the program ends by itself
  BOOST_TEST((filter({"no-such-program"}, "", 60s).end == Filtered::End::not_found));
  signals_arrive = true;
  BOOST_TEST((WIFEXITED(last_end) && WEXITSTATUS(last_end) == 127));
}

BOOST_AUTO_TEST_CASE(a_program_that_takes_too_long_is_ended) {
  const auto begin = std::chrono::steady_clock::now();
  BOOST_TEST((run("exec sleep 100", "", 50ms).end == Filtered::End::too_late));
  const auto took = std::chrono::steady_clock::now() - begin;
  BOOST_TEST((took >= 50ms && took < 30s));
}

BOOST_AUTO_TEST_CASE(a_call_that_a_signal_has_interrupted_is_made_again) {
  longest_read = 3;
  refusals.read = {EINTR, EINTR};
  refusals.read_at = {EINTR};
  signaled.clear();
  BOOST_TEST(filter({"cat"}, "some text", 60s).text == "some text");
  longest_read = std::size_t(-1);
  BOOST_TEST((refusals.read.empty() && refusals.read_at.empty()));
  BOOST_TEST(signaled.empty());  // it has ended by itself
  refusals.wait = {EINTR};
  BOOST_TEST((run("exec sleep 100", "", 0ms).end == Filtered::End::too_late));
  BOOST_TEST_REQUIRE(signaled.size() == 1u);
  BOOST_TEST(signaled[0] > 1);
  refusals.wait = {EINTR, EINTR};
  BOOST_TEST((run("exec sleep 100", "", 0ms).end == Filtered::End::too_late));
  BOOST_TEST(refusals.wait.empty());
  for (const pid_t child : signaled) BOOST_TEST((::syscall(SYS_kill, child, 0) == -1 && errno == ESRCH));
}

BOOST_AUTO_TEST_CASE(what_the_system_refuses_is_told) {
  const auto error = [](const std::vector<std::string>& command) {
    try {
      filter(command, "", 60s);
    } catch (const std::system_error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  refusals.memory = {EMFILE};
  BOOST_TEST(error({"cat"}) == "a file in memory: Too many open files");
  refusals.pipe = {ENFILE};
  BOOST_TEST(error({"cat"}) == "cat: Too many open files in system");
  refusals.read_at = {EIO};
  BOOST_TEST(error({"echo"}) == "a file in memory: Input/output error");
  refusals.read_at = {0};  // the file is shorter than it was
  BOOST_TEST(error({"echo"}) == "a file in memory: Input/output error");
  refusals.read_at = {ENOMEM};
  BOOST_TEST(error({"echo"}) == "a file in memory: Cannot allocate memory");
  refusals.fork = {EAGAIN};
  const auto [end, text] = filter({"cat"}, "", 60s);
  BOOST_TEST((end == Filtered::End::not_found));
  BOOST_TEST(text == "Resource temporarily unavailable");
}

BOOST_AUTO_TEST_CASE(a_program_ends_with_the_one_that_has_started_it) {
  const testing::Folder folder;
  const auto starts = [&](const std::string& script) {
    testing::Child child([&] { return run(script).text; });
    std::string started;
    for (int look = 0; look < 2000 && !parent_dies_first && !started.ends_with('\n'); ++look) {
      std::this_thread::sleep_for(1ms);
      started = folder.read("started");
    }
    if (!parent_dies_first) ::syscall(SYS_kill, child.pid(), SIGKILL);
    BOOST_TEST(child.answer() == "killed by signal 9");
    return started;
  };
  const std::string script = "echo $$ > " + folder / "started" + "; exec sleep 100";
  const std::string started = starts(script);
  BOOST_TEST_REQUIRE(started.ends_with('\n'));
  const pid_t program = std::stoi(started);
  const auto is_there = [&] {
    const std::string state = folder.read("/proc/" + std::to_string(program) + "/stat");
    return !state.empty() && state.find(") Z ") == std::string::npos;
  };
  for (int look = 0; look < 5000 && is_there(); ++look) std::this_thread::sleep_for(1ms);
  BOOST_TEST(!is_there());

  std::filesystem::remove(folder / "started");
  parent_dies_first = true;
  starts(script);
  parent_dies_first = false;
  std::this_thread::sleep_for(50ms);
  BOOST_TEST(folder.read("started") == "");
}
