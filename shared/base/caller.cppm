/// Where a function was called, for errors about its arguments.
export module rnn.base.caller;

import rnn.base.std;

export namespace rnn {

/// File and line of a call. A function that checks its arguments takes one as its last parameter, whose default value
/// is the place of the call: a pointer to a constant, which nothing reads unless there is an error.
using Caller = std::source_location;

/// A function was called with arguments that do not fit. The message names the function, the arguments and their
/// shapes; place() is the line that has to be corrected, "chapters/01_two_steps/main.cpp:41".
class CallError : public std::invalid_argument {
 public:
  CallError(const std::string& problem, Caller caller);
  const std::string& place() const { return place_; }

 private:
  std::string place_;
};

}  // namespace rnn
