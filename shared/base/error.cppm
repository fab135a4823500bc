/// The errors that a program prints on one line before it exits: with 2 for bad input, with 1 for a bad result.
export module rnn.base.error;

import rnn.base.std;

export namespace rnn {

/// A file that is missing, or that does not hold what it should. The message is one line, "PATH: PROBLEM"; the problem
/// names the place in the file, what was expected and what was found. Control characters in the path, and bytes that
/// are not UTF-8, are escaped.
class FileError : public std::runtime_error {
 public:
  FileError(const std::filesystem::path& path, const std::string& problem);
};

/// A computation that went wrong although all input was valid: the program prints the line and exits with 1.
class ResultError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace rnn
