module;
#include <chrono>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>

module rnn.formats.staves;

import rnn.base.error;
import rnn.base.filter;
import rnn.data.melody;
import rnn.formats.abc;

namespace rnn {

std::optional<std::string> format_staves(const Melody& melody, const std::filesystem::path& path) {
  constexpr std::chrono::seconds limit(30);
  const auto [end, text] = filter({"abcm2ps", "-q", "-g", "-O", "-", "-"}, format_abc(melody), limit);
  switch (end) {
    case Filtered::End::done: break;
    case Filtered::End::not_found: return std::nullopt;
    case Filtered::End::too_late: throw FileError(path, "cannot be drawn: abcm2ps is not done after 30 s");
    case Filtered::End::failed: throw FileError(path, "cannot be drawn: abcm2ps failed");
  }
  // The same tune is to be the same file: without the line that says when.
  std::istringstream lines(text);
  std::string svg;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("<!-- CreationDate")) svg += line + "\n";
  }
  return svg;
}

}  // namespace rnn
