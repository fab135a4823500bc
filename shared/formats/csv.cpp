module;
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

module rnn.formats.csv;

import rnn.base.file;

namespace rnn {

CsvTable::CsvTable(std::filesystem::path path, const std::string& header) : file_(std::move(path), header + "\n") {}

void CsvTable::append(const std::vector<std::string>& rows) {
  std::string text;
  for (const std::string& row : rows) text += row + "\n";
  file_.append(text);
}

}  // namespace rnn
