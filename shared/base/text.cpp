module;
#include <boost/nowide/utf/utf.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

module rnn.base.text;

namespace rnn {

namespace {

using Utf8 = boost::nowide::utf::utf_traits<char>;

constexpr std::string_view digits = "0123456789abcdef";

std::string byte_escape(unsigned char byte) { return {'\\', 'x', digits[byte >> 4], digits[byte & 15]}; }

std::string character_escape(std::uint32_t character) {
  if (character == '\n') return "\\n";
  if (character == '\t') return "\\t";
  if (character < 0x80) return byte_escape(static_cast<unsigned char>(character));
  std::string escape = "\\u";
  for (const int shift : {12, 8, 4, 0}) escape += digits[character >> shift & 15];
  return escape;
}

/// True for anything a terminal may act on: control characters, ends of lines and paragraphs, and the marks with which
/// Unicode reverses the direction of text.
bool is_obeyed(std::uint32_t c) {
  const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
  const bool turns =
      c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  return control || turns || c == 0x2028 || c == 0x2029;
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  for (auto next = text.begin(); next != text.end();) {
    const auto begin = next;
    const std::uint32_t character = Utf8::decode(next, text.end());
    if (character == boost::nowide::utf::illegal || character == boost::nowide::utf::incomplete) {
      result += byte_escape(static_cast<unsigned char>(*begin));
      next = begin + 1;
    } else if (is_obeyed(character)) {
      result += character_escape(character);
    } else {
      result.append(begin, next);
    }
  }
  return result;
}

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  std::size_t head = most / 2, tail = text.size() - (most - most / 2);
  for (int i = 0; i < 3 && head > 0 && is_continuation(text[head]); ++i) --head;
  for (int i = 0; i < 3 && tail < text.size() && is_continuation(text[tail]); ++i) ++tail;
  return std::string(text.substr(0, head)) + "…" + std::string(text.substr(tail));
}

std::string shown(const std::filesystem::path& path) { return printable(shortened(path.native(), 400)); }

}  // namespace rnn
