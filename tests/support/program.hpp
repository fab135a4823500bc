#pragma once
// Runs a whole program as a person would, and keeps what it said: for the tests of chapters.

#include <map>
#include <string>
#include <vector>

namespace rnn::testing {

struct Result {
  std::string out;  // stdout
  std::string err;  // stderr
  int status = 0;   // the exit status; 128 + the signal's number when a signal ended the program
};

struct Settings {
  std::map<std::string, std::string> environment;  // in addition to that of this test
  std::vector<std::string> without;                // names taken out of the environment
  std::string stdout_to;                           // a file in place of the pipe: "/dev/full"
  std::string stdin_from = "/dev/null";            // a file
  bool close_stdout = false;
  std::string folder;  // where the program runs; empty: where the test does
};

/// Throws std::system_error unless `error`, an errno, is 0.
void check(int error, const char* what);

/// What execv and posix_spawn want: the texts' first characters, and a null pointer at the end.
std::vector<char*> pointers(std::vector<std::string>& texts);

/// Starts `program` with these arguments, without a shell and with nothing to read, and waits for its end.
/// Throws std::system_error when it cannot be started.
Result run(const std::string& program, std::vector<std::string> arguments, const Settings& settings = {});

/// The value of an environment variable that Meson sets for a test, such as the path of a program.
std::string from_environment(const char* name);

}  // namespace rnn::testing
