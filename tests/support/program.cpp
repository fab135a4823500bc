#include "program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace rnn::testing {

void check(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

namespace {

std::vector<std::string> environment_of(const Settings& settings) {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry; ++entry) {
    const std::string text = *entry;
    variables[text.substr(0, text.find('='))] = text.substr(text.find('=') + 1);
  }
  for (const std::string& name : settings.without) variables.erase(name);
  for (const auto& [name, value] : settings.environment) variables[name] = value;
  std::vector<std::string> result;
  for (const auto& [name, value] : variables) result.push_back(name + "=" + value);
  return result;
}

// Reads both pipes until both are closed: a program that fills one of them is never kept waiting for the other.
void read_both(int out, int err, Result& result) {
  pollfd streams[] = {{out, POLLIN, 0}, {err, POLLIN, 0}};
  std::string* const texts[] = {&result.out, &result.err};
  std::vector<char> buffer(1 << 16);
  for (int open = 2; open > 0;) {
    if (::poll(streams, 2, -1) < 0 && errno != EINTR) check(errno, "poll");
    for (int i = 0; i < 2; ++i) {
      if (streams[i].fd < 0 || streams[i].revents == 0) continue;
      const ssize_t got = ::read(streams[i].fd, buffer.data(), buffer.size());
      if (got > 0) texts[i]->append(buffer.data(), static_cast<std::size_t>(got));
      if (got > 0 || (got < 0 && errno == EINTR)) continue;
      streams[i].fd = -1;  // poll passes over it
      --open;
    }
  }
}

}  // namespace

Result run(const std::string& program, std::vector<std::string> arguments, const Settings& settings) {
  int out[2], err[2];
  check(::pipe2(out, O_CLOEXEC) ? errno : 0, "pipe");
  check(::pipe2(err, O_CLOEXEC) ? errno : 0, "pipe");

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  if (!settings.folder.empty()) ::posix_spawn_file_actions_addchdir_np(&actions, settings.folder.c_str());
  ::posix_spawn_file_actions_addopen(&actions, 0, settings.stdin_from.c_str(), O_RDONLY, 0);
  if (settings.close_stdout) {
    ::posix_spawn_file_actions_addclose(&actions, 1);
  } else if (!settings.stdout_to.empty()) {
    ::posix_spawn_file_actions_addopen(&actions, 1, settings.stdout_to.c_str(), O_WRONLY, 0);
  } else {
    ::posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  }
  ::posix_spawn_file_actions_adddup2(&actions, err[1], 2);

  arguments.insert(arguments.begin(), program);
  std::vector<std::string> environment = environment_of(settings);
  pid_t child = 0;
  const int error = ::posix_spawn(&child, program.c_str(), &actions, nullptr, pointers(arguments).data(),
                                  pointers(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(out[1]);
  ::close(err[1]);

  Result result;
  if (error == 0) read_both(out[0], err[0], result);
  ::close(out[0]);
  ::close(err[0]);
  check(error, program.c_str());

  int status = 0;
  while (::waitpid(child, &status, 0) < 0) check(errno == EINTR ? 0 : errno, "waitpid");
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  if (!value) throw std::runtime_error(std::string(name) + " is not set: run this test with meson test");
  return value;
}

}  // namespace rnn::testing
