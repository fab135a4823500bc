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

}  // namespace

Picture parse_png(std::string_view bytes, const std::filesystem::path& name) {
  PngImage image;
  if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size())) image.fail(name);
  require_size(image.height, image.width, name);
  // Without a word about it in the file libpng would take 16 bits for linear light, unlike everybody who writes them.
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  const unsigned kind = image.format & (PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA);
  image.format = kind;  // colors, opacity, both or neither, a byte each
  Picture picture{image.height, image.width, {}, PNG_IMAGE_SAMPLE_CHANNELS(kind)};
  picture.values.resize(std::size_t(image.height) * image.width * picture.channels);
  if (!png_image_finish_read(&image, nullptr, picture.values.data(), 0, nullptr)) image.fail(name);
  return picture;
}

}  // namespace rnn
