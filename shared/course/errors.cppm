module;
#include <filesystem>
#include <stdexcept>
#include <string>

/// The errors that a person can mend: what main.cpp prints on one line before it exits with 2.
export module rnn.errors;

export namespace rnn {

/// A file that is not there, or holds something else than it should. The message is one line:
/// "PATH: PROBLEM", where the problem names the place in the file, what was expected and what was found.
class FileError : public std::runtime_error {
 public:
  inline FileError(const std::filesystem::path& path, const std::string& problem)
      : std::runtime_error(path.string() + ": " + problem) {}
};

}  // namespace rnn
