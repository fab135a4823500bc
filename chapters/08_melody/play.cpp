module;
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

// Sound through whatever the system has for it.
module melody.outputs;

import rnn.base.file;
import rnn.data.melody;
import rnn.formats.synthesizer;
import rnn.formats.wav;

using namespace rnn;

namespace melody {

namespace {

/// A file that is gone when it has been played.
class TemporaryFile {
 public:
  TemporaryFile() {
    const char* folder = std::getenv("TMPDIR");
    name_ = std::string(folder && *folder ? folder : "/tmp") + "/melody_XXXXXX.wav";
    const int file = ::mkstemps(name_.data(), 4);
    if (file < 0) {
      name_.clear();
    } else {
      ::close(file);
    }
  }
  ~TemporaryFile() {
    if (!name_.empty()) ::unlink(name_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

/// Runs a program with standard output and error to nowhere, and waits. Its status; −1 where there is no such program.
int run(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  for (const int stream : {0, 1, 2}) {
    ::posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", stream == 0 ? O_RDONLY : O_WRONLY, 0);
  }
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return -1;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) != 127 ? WEXITSTATUS(status) : -1;
}

}  // namespace

bool play(const Melody& melody) {
  const TemporaryFile file;
  if (file.name().empty()) {
    std::cerr << "--play: no temporary file can be made\n";
    return false;
  }
  replace_file(file.name(), format_wav(synthesize(melody), sample_rate));
  const std::vector<std::vector<std::string>> players = {
      {"aplay", "-q"}, {"paplay"}, {"ffplay", "-nodisp", "-autoexit", "-loglevel", "quiet"}, {"afplay"}};
  std::string failed;
  for (std::vector<std::string> player : players) {
    player.push_back(file.name());
    const int status = run(player);
    if (status == 0) return true;
    if (status > 0) failed += (failed.empty() ? "" : ", ") + player[0];
  }
  std::cerr << (failed.empty() ? "--play: found none of aplay, paplay, ffplay and afplay; --wav FILE writes the sound\n"
                               : "--play: " + failed + " cannot play here; --wav FILE writes the sound\n");
  return false;
}

}  // namespace melody
