module;
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

module rnn.formats.picture;

import rnn.base.error;
import rnn.base.file;

namespace rnn {

void require_size(std::uint64_t rows, std::uint64_t columns, const std::filesystem::path& name) {
  const bool fits = rows <= most_pixels && columns <= most_pixels && rows * columns <= most_pixels;
  if (fits && rows * columns > 0) return;
  throw FileError(name, fmt::format("expected a picture of 1 to {} pixels, found {}x{}", most_pixels, rows, columns));
}

Picture read_picture(const std::filesystem::path& path) {
  constexpr std::size_t largest = 8 * most_pixels;  // bytes: four channels of 16 bits, stored as they are
  return parse_picture(read_file(path, largest), path);
}

Picture parse_picture(std::string_view bytes, const std::filesystem::path& name) {
  if (bytes.starts_with("\x89PNG")) return parse_png(bytes, name);
  if (bytes.starts_with("P2") || bytes.starts_with("P5")) return parse_pgm(bytes, name);
  if (bytes.empty()) throw FileError(name, "expected a PNG or PGM picture, found an empty file");
  std::string found;
  for (const char byte : bytes.substr(0, 4)) found += fmt::format(" {:02x}", std::uint8_t(byte));
  throw FileError(name, "byte 0: expected a PNG (89 50 4e 47) or PGM (P2, P5) picture, found" + found);
}

}  // namespace rnn
