module;
#include <filesystem>
#include <stdexcept>
#include <string>

/// The errors that a person can mend: what main.cpp prints on one line before it exits with 2.
export module rnn.base.error;

export namespace rnn {

/// A file that is not there, or holds something else than it should. The message is one line:
/// "PATH: PROBLEM", where the problem names the place in the file, what was expected and what was found. A path that a
/// terminal could not show as it is (control characters, no UTF-8) has escapes in their place.
class FileError : public std::runtime_error {
 public:
  FileError(const std::filesystem::path& path, const std::string& problem);
};

/// A computation that went wrong although everything given was right: a program prints the line and exits with 1.
class ResultError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace rnn
