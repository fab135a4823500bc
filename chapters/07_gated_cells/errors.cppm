/// How the errors of several learners go down: on the screen, in a table, in a drawing.
export module gated_cells.errors;

import rnn.base.std;
import rnn.formats.csv;

export namespace gated_cells {

/// Where to write; an empty path is not written.
struct ErrorFiles {
  std::filesystem::path csv;   // update and an error for each learner
  std::filesystem::path plot;  // the curves as SVG
};

class ErrorLog {
 public:
  /// Prints the table's heading and begins the files. `names` are the learners'. Throws FileError when a file cannot be
  /// written, as do the others.
  ErrorLog(const ErrorFiles& files, std::vector<std::string> names);

  /// A line: the errors after so many updates.
  void add(std::size_t update, const std::vector<double>& errors);

  /// Draws the curves, beside the error of whoever answers the same each time. Those of untrained weights, which say
  /// nothing, would take up most of the drawing, and are left out.
  void draw(double constant_guess) const;

 private:
  ErrorFiles files_;
  std::vector<std::string> names_;
  std::unique_ptr<rnn::CsvTable> csv_;
  std::vector<double> updates_;
  std::vector<std::vector<double>> errors_;  // for each learner
};

}  // namespace gated_cells
