module;
#include <fmt/format.h>
#include <png.h>

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

/// Gray and opacity of one pixel.
struct Pixel {
  std::uint8_t gray, alpha;
};

/// The brightness that shows where a picture is transparent. Where most of it is opaque, what is transparent shall not
/// stand out from that; where most of it is transparent, what is opaque is the ink and shall stand out.
std::uint8_t brightness_below(const std::vector<Pixel>& pixels) {
  std::uint64_t opaque = 0, light = 0;  // at most 2^24 · 255 · 255
  for (const auto [gray, alpha] : pixels) {
    opaque += alpha;
    light += std::uint64_t(alpha) * gray;
  }
  const bool mostly_opaque = 2 * opaque >= 255 * pixels.size(), bright = 2 * light >= 255 * opaque;
  return mostly_opaque == bright ? 255 : 0;
}

}  // namespace

Picture parse_png(std::string_view bytes, const std::filesystem::path& name) {
  PngImage image;
  if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size())) image.fail(name);
  require_size(image.height, image.width, name);
  // Without a word about it in the file libpng would take 16 bits for linear light, unlike everybody who writes them.
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  image.format = PNG_FORMAT_GA;
  std::vector<Pixel> pixels(std::size_t(image.height) * image.width);
  if (!png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr)) image.fail(name);

  Picture picture{image.height, image.width, {}};
  picture.brightness.reserve(pixels.size());
  const unsigned below = brightness_below(pixels);
  for (const auto [gray, alpha] : pixels) {
    picture.brightness.push_back(std::uint8_t((gray * alpha + below * (255u - alpha) + 127) / 255));
  }
  return picture;
}

}  // namespace rnn
