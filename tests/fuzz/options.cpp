#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "target.hpp"

import rnn.console.options;

using namespace rnn;
using namespace rnn::testing;

namespace {

/// Catches what is printed to a stream as long as it lives.
class Caught {
 public:
  explicit Caught(std::ostream& stream) : stream_(stream), before_(stream.rdbuf(text_.rdbuf())) {}
  ~Caught() { stream_.rdbuf(before_); }
  Caught(const Caught&) = delete;
  Caught& operator=(const Caught&) = delete;
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::ostream& stream_;
  std::streambuf* before_;
};

/// Reads it as a program with words, which may want something without a name too.
void check_command_line(std::vector<char*> argv, bool wants_images) {
  Options options("program", "Shows nothing.");
  bool word_ran = false;
  options.word("train", "learns");
  options.word("predict", "reads", [&](int argc, char** rest) {
    require(argc >= 1 && std::string(rest[0]) == "predict", "a word's program begins with the word");
    word_ran = true;
    return 0;
  });
  const auto epochs = options.integer("epochs", 3, {1, 100}, "how often");
  const auto rate = options.real("rate", 0.5, {0, 1, true}, "how fast");
  const auto activation = options.choice("activation", "tanh", {"tanh", "relu"}, "which");
  const auto title = options.text("title", "", "of the drawing", "TITLE");
  const auto graph = options.output_file("graph", "FILE", "where the drawing goes");
  const auto quiet = options.flag("quiet", "says nothing");
  const auto replay = options.replay();
  options.excludes("quiet", "graph");
  options.example("--epochs 3", "three of them");
  std::optional<Option<std::vector<std::string>>> images;
  if (wants_images) images = options.arguments("IMAGE", "a picture");

  const Caught out(std::cout), err(std::cerr);
  const int status = options.run(int(argv.size()), argv.data(), [&] {
    require(!word_ran, "one word runs");
    require(*epochs >= 1 && *epochs <= 100, "a whole number is within its bounds");
    require(*rate > 0 && *rate <= 1, "a number is within its bounds");
    require(*activation == "tanh" || *activation == "relu", "a choice is one of them");
    require(title.given() != title->empty(), "a text that is given is not empty");
    require(!*quiet || !graph.given(), "what excludes something is not given with it");
    require(!*replay.json || replay.file.given(), "what needs something is given with it");
    require(!images || !(*images)->empty(), "what is wanted is given");
    return 0;
  });
  if (status == 0) {
    require(err.text().empty(), "a right command line is no error", err.text());
  } else {
    const std::string message = err.text();
    require(status == 2, "a wrong command line ends with 2");
    require(message.starts_with("program: ") && message.ends_with('\n'), "the message names the program", message);
    require(is_one_line(message.substr(0, message.size() - 1)), "the message is one line", message);
    require(out.text().empty(), "nothing else is printed", out.text());
  }
}

}  // namespace

/// A command line, one argument on each line.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> arguments{"program"};
  std::istringstream lines(to_text(data, size));
  for (std::string line; std::getline(lines, line);) arguments.emplace_back(line.c_str());  // a NUL ends an argument
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  for (const bool wants_images : {false, true}) check_command_line(argv, wants_images);
  return 0;
}
