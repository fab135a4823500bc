#pragma once
// What the fuzz targets share. A target is one function that libFuzzer calls with bytes of its own making, millions of
// them; it must come back whatever they are. What must hold is written as require(…), whose failure ends the program
// as a crash would, so that libFuzzer keeps the bytes.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace rnn::testing {

inline void require(bool holds, const char* what, std::string_view about = "") {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s: %.*s\n", what, int(about.size()), about.data());
  std::abort();
}

inline std::string to_text(const std::uint8_t* data, std::size_t size) {
  return std::string(reinterpret_cast<const char*>(data), size);
}

inline bool is_one_line(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return c < ' '; });
}

/// Calls `read`; a file may be refused, in one line that begins with its name, which is "F".
template <class Error, class Read>
void read_or_refuse(Read read) {
  try {
    read();
  } catch (const Error& error) {
    const std::string_view message = error.what();
    require(message.starts_with("F: "), "the message names the file", message);
    require(is_one_line(message), "the message is one line", message);
    require(message.size() < 1000, "the message is short", message);
  }
}

}  // namespace rnn::testing
