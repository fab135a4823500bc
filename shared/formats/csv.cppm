/// A table as comma-separated values that grows row by row.
export module rnn.formats.csv;

import rnn.base.file;
import rnn.base.std;

export namespace rnn {

class CsvTable {
 public:
  /// Begins the table with a header, replacing what the file held. Throws FileError when it cannot be written, as does
  /// append.
  CsvTable(std::filesystem::path path, const std::string& header);

  /// Adds rows to the file, all at once.
  void append(const std::vector<std::string>& rows);

 private:
  GrowingFile file_;
};

}  // namespace rnn
