module;
#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

module rnn.formats.picture;

import rnn.base.error;

namespace rnn {

namespace {

/// What libpng holds while it reads, given back whatever happens.
struct PngImage : png_image {
  PngImage() : png_image{} { version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(this); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;

  [[noreturn]] void fail(const std::filesystem::path& name) const {
    throw FileError(name, fmt::format("expected a whole PNG picture, found that it cannot be read ({})", message));
  }
};

// A PNG is eight bytes and then chunks: a length of four bytes, a name of four letters, that many bytes, and a
// checksum of four. The first is IHDR: columns, rows, bits, kind of color. Source: PNG Specification, 3rd edition,
// sections 5 and 11.2.
constexpr std::size_t first_chunk = 8, before_data = 8, around_data = 12;

std::uint64_t number_at(std::string_view bytes, std::size_t place) {
  std::uint64_t number = 0;
  for (std::size_t k = 0; k < 4; ++k) number = number << 8 | std::uint8_t(bytes.at(place + k));
  return number;
}

/// The bytes of all pixels before they are compressed, at the least, and 0 where the header is not one that libpng
/// reads.
std::uint64_t bytes_of_pixels(std::string_view bytes) {
  if (bytes.size() < 26) return 0;
  const std::uint64_t columns = number_at(bytes, 16), rows = number_at(bytes, 20), bits = std::uint8_t(bytes.at(24));
  const std::uint64_t channels[] = {1, 0, 3, 1, 2, 0, 4};
  const std::size_t color = std::uint8_t(bytes.at(25));
  if (bits > 16 || color > 6) return 0;
  return rows <= most_pixels && columns <= most_pixels ? rows * columns * bits * channels[color] / 8 : 0;
}

/// What of a file its pixels need, the file itself where it holds nothing else. Texts, times, profiles, and whatever
/// programs add are left out: libpng would unpack some of them, which may become a thousand times as large.
class Needed {
 public:
  Needed(std::string_view bytes, const std::filesystem::path& name) : all_(bytes) {
    std::size_t begin = 0;  // of what has not been copied, should anything have to be
    std::size_t place = first_chunk;
    while (place + before_data <= bytes.size()) {
      const std::uint64_t length = number_at(bytes, place);
      const std::string_view kind = bytes.substr(place + 4, 4);
      const std::size_t rest = bytes.size() - place, left = rest - std::min(rest, around_data);
      if (kind == "IDAT") data_ += std::min<std::uint64_t>(length, left);
      if (length > left) {
        if (data_ > 0 || kind == "IDAT") break;  // what libpng says of pixels that are cut off
        throw FileError(
            name, fmt::format("byte {}: expected a chunk of at most {} bytes, found one of {}", place, left, length));
      }
      if (rest < around_data) break;
      const std::size_t end = place + around_data + length;
      if (!is_needed(kind)) {
        copy_ += bytes.substr(begin, place - begin);
        begin = end;
      }
      place = end;
    }
    if (begin > 0) copy_ += bytes.substr(begin), all_ = copy_;
  }
  Needed(const Needed&) = delete;
  Needed& operator=(const Needed&) = delete;

  std::string_view bytes() const { return all_; }
  /// The bytes of compressed pixels that are there.
  std::uint64_t data() const { return data_; }

 private:
  static bool is_needed(std::string_view kind) {
    const bool critical = kind[0] >= 'A' && kind[0] <= 'Z';
    return critical || kind == "tRNS" || kind == "gAMA" || kind == "cHRM" || kind == "sRGB";
  }
  std::string copy_;
  std::string_view all_;
  std::uint64_t data_ = 0;
};

}  // namespace

std::size_t largest_png(std::string_view beginning, const std::filesystem::path& name) {
  constexpr std::size_t other_chunks = std::size_t(1) << 26;  // profiles, previews, texts
  const std::uint64_t pixels = bytes_of_pixels(beginning);
  if (pixels > 0) require_size(number_at(beginning, 20), number_at(beginning, 16), name);
  return 2 * pixels + other_chunks;
}

Picture parse_png(std::string_view bytes, const std::filesystem::path& name) {
  const Needed needed(bytes, name);
  PngImage image;
  if (!png_image_begin_read_from_memory(&image, needed.bytes().data(), needed.bytes().size())) image.fail(name);
  require_size(image.height, image.width, name);
  constexpr std::uint64_t most_unpacked = 1032;  // bytes that Deflate makes of one
  if (const std::uint64_t pixels = bytes_of_pixels(bytes); pixels / most_unpacked > needed.data()) {
    throw FileError(name, fmt::format("expected a whole PNG picture, found {} bytes of pixels, too few for {}x{}",
                                      needed.data(), image.height, image.width));
  }
  // Without a word about it in the file libpng would take 16 bits for linear light, unlike everybody who writes them.
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  image.format &= PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA;  // a byte for each value, whatever is in the file
  Picture picture{image.height, image.width, {}, PNG_IMAGE_SAMPLE_CHANNELS(image.format)};
  picture.values.resize(picture.rows * picture.columns * picture.channels);
  if (!png_image_finish_read(&image, nullptr, picture.values.data(), 0, nullptr)) image.fail(name);
  return picture;
}

}  // namespace rnn
