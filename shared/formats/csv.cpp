module;
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

module rnn.formats.csv;

import rnn.base.error;
import rnn.base.file;

namespace rnn {

CsvTable::CsvTable(std::filesystem::path path, const std::string& header) : path_(std::move(path)) {
  replace_file(path_, header + "\n");
}

void CsvTable::append(const std::vector<std::string>& rows) {
  if (rows.empty()) return;
  std::string text;
  for (const std::string& row : rows) text += row + "\n";
  std::FILE* const file = std::fopen(path_.c_str(), "abe");
  if (!file) throw FileError(path_, "cannot be written: " + std::generic_category().message(errno));
  errno = 0;
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool closed = std::fclose(file) == 0;
  if (!written || !closed) throw FileError(path_, "cannot be written: " + std::generic_category().message(errno));
}

}  // namespace rnn
