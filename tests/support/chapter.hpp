#pragma once
// What the tests of all chapters ask of a program.

#include <filesystem>
#include <string>
#include <vector>

#include "program.hpp"

namespace rnn::testing {

using Arguments = std::vector<std::string>;

/// The path of a recorded case: recorded("notebook/static.json").
std::string recorded(const std::string& name);

/// Where the products are computed with the kernel of this name.
Settings with_kernel(const std::string& name);

/// The lines of a CSV file as numbers, the heading left out.
std::vector<std::vector<double>> rows_of(const std::string& csv);

/// A program built beside this test; `variable` holds its path.
class Chapter {
 public:
  explicit Chapter(const char* variable);

  std::string name() const;
  Result run(const Arguments& arguments, const Settings& settings = {}) const;

  /// What it prints, when it ends with this status and has nothing to complain about.
  std::string output(const Arguments& arguments, int status = 0, const Settings& settings = {}) const;
  std::string json(Arguments arguments, const Settings& settings = {}) const;

  /// Computes the case as it was recorded, within its tolerance, with and without --json.
  void agrees_with(const std::string& name) const;

  /// Ends at once with one line on stderr, which says `what`, and status 2.
  void refuses(const Arguments& arguments, const std::string& what) const;

  /// Draws no graph over the case that it replays, over what is printed, or as a picture of another kind.
  void draws_over_nothing() const;

  static bool contains(const std::string& text, const std::string& part);

 private:
  std::string in_words(const Arguments& arguments) const;

  std::string path_;
};

/// A folder of its own for one test, gone at its end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string operator/(const std::string& name) const;

  /// Writes a file and returns its path.
  std::string file(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

}  // namespace rnn::testing
