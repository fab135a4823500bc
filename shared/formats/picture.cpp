module;
#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

module rnn.formats.picture;

import rnn.base.error;
import rnn.base.file;

namespace rnn {

namespace {

bool is_png(std::string_view bytes) { return bytes.starts_with("\x89PNG"); }
bool is_pgm(std::string_view bytes) { return bytes.starts_with("P2") || bytes.starts_with("P5"); }

/// What else people have pictures in.
std::string_view other_kind(std::string_view bytes) {
  struct Kind {
    std::size_t place;
    std::string_view mark, name;
  };
  using namespace std::string_view_literals;
  static constexpr Kind kinds[] = {
      {0, "\xff\xd8\xff"sv, "JPEG"},
      {0, "GIF8"sv, "GIF"},
      {0, "BM"sv, "BMP"},
      {0, "II*\0"sv, "TIFF"},
      {0, "MM\0*"sv, "TIFF"},
      {8, "WEBP"sv, "WebP"},
      {4, "ftyphe"sv, "HEIC"},
      {4, "ftypmi"sv, "HEIC"},
      {4, "ftypavi"sv, "AVIF"},
      {0, "P1"sv, "PBM"},
      {0, "P4"sv, "PBM"},
      {0, "P3"sv, "PPM"},
      {0, "P6"sv, "PPM"},
      {0, "%PDF"sv, "PDF"},
  };
  for (const auto& [place, mark, name] : kinds) {
    if (bytes.size() > place && bytes.substr(place).starts_with(mark)) return name;
  }
  return "";
}

[[noreturn]] void refuse(std::string_view bytes, const std::filesystem::path& name) {
  if (bytes.empty()) throw FileError(name, "expected a PNG or PGM picture, found an empty file");
  std::string found;
  for (const char byte : bytes.substr(0, 4)) found += fmt::format(" {:02x}", std::uint8_t(byte));
  const std::string_view kind = other_kind(bytes);
  if (!kind.empty()) found += fmt::format(" ({})", kind);
  throw FileError(name, "byte 0: expected a PNG (89 50 4e 47) or PGM (P2, P5) picture, found" + found);
}

}  // namespace

void require_size(std::uint64_t rows, std::uint64_t columns, const std::filesystem::path& name) {
  const bool fits = rows <= most_pixels && columns <= most_pixels && rows * columns <= most_pixels;
  if (fits && rows * columns > 0) return;
  throw FileError(name, fmt::format("expected a picture of 1 to {} pixels, found {}x{}", most_pixels, rows, columns));
}

Picture read_picture(const std::filesystem::path& path) {
  return parse_picture(read_file(path,
                                 [&](std::string_view beginning) {
                                   if (is_png(beginning)) return largest_png(beginning, path);
                                   if (is_pgm(beginning)) return largest_pgm(beginning, path);
                                   refuse(beginning, path);
                                 }),
                       path);
}

Picture parse_picture(std::string_view bytes, const std::filesystem::path& name) {
  if (is_png(bytes)) return parse_png(bytes, name);
  if (is_pgm(bytes)) return parse_pgm(bytes, name);
  refuse(bytes, name);
}

}  // namespace rnn
