module;
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>

module rnn.base.caller;

namespace rnn {

// The compiler knows files by their paths from the build directory: "../chapters/01_two_steps/main.cpp".
static std::string_view from_the_top(std::string_view path) {
  while (path.starts_with("../")) path.remove_prefix(3);
  return path;
}

CallError::CallError(const std::string& problem, Caller caller)
    : std::invalid_argument(problem),
      place_(std::string(from_the_top(caller.file_name())) + ":" + std::to_string(caller.line())) {}

}  // namespace rnn
