module;
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

module rnn.formats.dot;

import rnn.autodiff.graph;
import rnn.base.error;
import rnn.base.file;

namespace rnn {

namespace {

/// A file without a name, gone when it is closed.
class Scratch {
 public:
  Scratch() : file_(std::tmpfile(), std::fclose) {
    if (!file_) throw std::system_error(errno, std::generic_category(), "a temporary file");
  }
  int descriptor() const { return ::fileno(file_.get()); }

  void write(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), file_.get());
    std::rewind(file_.get());
  }
  std::string read() {
    std::rewind(file_.get());
    std::string text;
    for (int c; (c = std::getc(file_.get())) != EOF;) text += static_cast<char>(c);
    return text;
  }

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

/// What `dot -Tsvg` makes of it. What it has to say to a person goes nowhere: its status decides.
std::string drawing(const std::string& dot, const std::filesystem::path& path) {
  Scratch in, out;
  in.write(dot);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in.descriptor(), 0);
  ::posix_spawn_file_actions_adddup2(&actions, out.descriptor(), 1);
  ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  std::string program = "dot", format = "-Tsvg";
  char* const words[] = {program.data(), format.data(), nullptr};
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, "dot", &actions, nullptr, words, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw FileError(path, "expected Graphviz's program dot to draw it, found none (" +
                              std::generic_category().message(error) + "); a name that ends in .dot needs none");
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (status != 0) throw FileError(path, "cannot be drawn: Graphviz's program dot failed");
  return out.read();
}

}  // namespace

void write_graph(const std::filesystem::path& path, const Graph& graph, const std::string& title) {
  const std::string dot = to_dot(graph, title);
  replace_file(path, path.extension() == ".svg" ? drawing(dot, path) : dot);
}

}  // namespace rnn
