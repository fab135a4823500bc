module;
#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

module rnn.formats.picture;

import rnn.base.error;

// PGM: "P2" or "P5", then columns, rows and the largest value in decimal digits, with white space and comments (from #
// to the end of the line) between them. P2 goes on with the pixels in the same manner. In P5 one white space follows,
// and then each pixel as a byte, or as two, the higher first, where the largest value is over 255.
// Source: the manual page pgm(5) of Netpbm.
namespace rnn {

namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class PgmReader {
 public:
  PgmReader(std::string_view bytes, const std::filesystem::path& name) : bytes_(bytes), name_(name) {}

  /// A picture of the right size, without its pixels.
  Picture read_header() {
    const std::uint64_t columns = number("the number of columns"), rows = number("the number of rows");
    require_size(rows, columns, name_);
    largest_ = number("the largest value");
    if (largest_ == 0 || largest_ > 65535)
      fail(fmt::format("expected a largest value of 1 to 65535, found {}", largest_));
    return {rows, columns, {}};
  }

  Picture read() {
    Picture picture = read_header();
    is_plain() ? read_plain(picture) : read_raw(picture);
    return picture;
  }

  bool is_plain() const { return bytes_[1] == '2'; }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw FileError(name_, fmt::format("byte {}: {}", place_, problem));
  }

  void skip_space() {
    while (place_ < bytes_.size() && (is_space(bytes_[place_]) || bytes_[place_] == '#')) {
      if (bytes_[place_] == '#') place_ = std::min(bytes_.find_first_of("\r\n", place_), bytes_.size() - 1);
      ++place_;
    }
  }

  std::uint64_t number(const char* what) {
    skip_space();
    const std::size_t begin = place_;
    std::uint64_t value = 0;
    for (; place_ < bytes_.size() && is_digit(bytes_[place_]); ++place_) {
      if (place_ - begin >= 10) fail(fmt::format("expected {}, found one of more than 10 digits", what));
      value = 10 * value + std::uint64_t(bytes_[place_] - '0');
    }
    if (place_ > begin) return value;
    fail(fmt::format("expected {}, found {}", what, place_ == bytes_.size() ? "the end" : "no digit"));
  }

  std::uint8_t brightness(std::uint64_t value) const {
    if (value > largest_) fail(fmt::format("expected a value of at most {}, found {}", largest_, value));
    return std::uint8_t((value * 255 + largest_ / 2) / largest_);
  }

  // The bytes that are there are counted before memory is asked for.
  void read_plain(Picture& picture) {
    const Index count = picture.rows * picture.columns, left = bytes_.size() - place_;
    if (left / 2 < count) fail(fmt::format("expected {} pixels, found {} bytes, too few for them", count, left));
    picture.values.reserve(count);
    while (picture.values.size() < count) picture.values.push_back(brightness(number("a pixel")));
    skip_space();
    if (place_ < bytes_.size()) fail(fmt::format("expected the end after {} pixels, found more", count));
  }

  void read_raw(Picture& picture) {
    if (place_ == bytes_.size() || !is_space(bytes_[place_]))
      fail("expected one white space before the pixels, found none");
    ++place_;
    const Index count = picture.rows * picture.columns, width = largest_ > 255 ? 2 : 1, left = bytes_.size() - place_;
    if (left != count * width) fail(fmt::format("expected {} bytes of pixels, found {}", count * width, left));
    picture.values.reserve(count);
    for (; place_ < bytes_.size(); place_ += width) {
      std::uint64_t value = std::uint8_t(bytes_[place_]);
      if (width == 2) value = value << 8 | std::uint8_t(bytes_[place_ + 1]);
      picture.values.push_back(brightness(value));
    }
  }

  std::string_view bytes_;
  const std::filesystem::path& name_;
  std::size_t place_ = 2;  // behind the kind
  std::uint64_t largest_ = 0;
};

}  // namespace

Picture parse_pgm(std::string_view bytes, const std::filesystem::path& name) { return PgmReader(bytes, name).read(); }

std::size_t largest_pgm(std::string_view beginning, const std::filesystem::path& name) {
  constexpr std::size_t header = std::size_t(1) << 20, digits_and_space = 8;
  PgmReader reader(beginning, name);
  const Picture picture = reader.read_header();
  return header + picture.rows * picture.columns * (reader.is_plain() ? digits_and_space : 2);
}

}  // namespace rnn
