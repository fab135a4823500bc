/// Other programs that read standard input and write standard output.
export module rnn.base.filter;

import rnn.base.std;

export namespace rnn {

struct Filtered {
  enum class End { done, not_found, too_late, failed } end;
  std::string text;  // done: what it wrote; not_found: why it could not be started
};

/// Runs a program, looked for in $PATH, with these arguments, and waits for it as long as `limit`. What it says on
/// standard error is discarded. When this program ends, so does that one.
Filtered filter(std::vector<std::string> command, std::string_view input, std::chrono::milliseconds limit);

}  // namespace rnn
