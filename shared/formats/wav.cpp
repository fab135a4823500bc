module;
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

module rnn.formats.wav;

namespace rnn {

static void add_little_endian(std::string& to, std::uint32_t number, int bytes) {
  for (int i = 0; i < bytes; ++i) to += static_cast<char>(number >> (8 * i) & 0xff);
}

std::string format_wav(std::span<const float> samples, unsigned rate) {
  if (samples.size() > (0xffffffffu - 36) / 2)
    throw std::invalid_argument("format_wav: too many samples for a WAV file");
  const auto bytes = static_cast<std::uint32_t>(2 * samples.size());
  std::string file = "RIFF";
  file.reserve(44 + std::size_t(bytes));
  add_little_endian(file, 36 + bytes, 4);
  file += "WAVEfmt ";
  add_little_endian(file, 16, 4);
  add_little_endian(file, 1, 2);  // plain numbers
  add_little_endian(file, 1, 2);  // channels
  add_little_endian(file, rate, 4);
  add_little_endian(file, 2 * rate, 4);  // bytes a second
  add_little_endian(file, 2, 2);         // bytes a sample
  add_little_endian(file, 16, 2);        // bits a sample
  file += "data";
  add_little_endian(file, bytes, 4);
  for (const float sample : samples) {
    const long level = std::lround(32767.0 * std::clamp(double(sample), -1.0, 1.0));
    add_little_endian(file, static_cast<std::uint32_t>(level), 2);
  }
  return file;
}

}  // namespace rnn
