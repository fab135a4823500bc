module;
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <istream>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

module rnn.formats.gzip;

import rnn.base.error;

namespace rnn {

namespace {

constexpr int gzip_alone = 16 + MAX_WBITS;  // zlib's number for: with gzip's header and end, not its own

// Images of handwriting shrink to a fifth, blank ones to a thousandth.
constexpr std::uint64_t most_times = 100, always_allowed = std::uint64_t(64) << 20;

}  // namespace

struct Unpacker::State {
  State(std::istream& stream, const std::filesystem::path& file) : in(stream), name(file) {}
  ~State() { inflateEnd(&zlib); }

  std::istream& in;
  const std::filesystem::path& name;
  bool packed = false;
  bool ended = false;             // after the last part
  z_stream zlib{};                // its next_in and avail_in are what is left of `buffer`
  std::uint64_t taken = 0;        // bytes that came from the stream, those in `buffer` included
  std::uint64_t part_begins = 0;  // where the part begins that is being unpacked
  std::uint64_t unpacked = 0;
  std::array<unsigned char, 1 << 16> buffer;

  /// Where in the packed bytes the next one is.
  std::uint64_t place() const { return taken - zlib.avail_in; }

  [[noreturn]] void fail(std::uint64_t at, std::string_view expected, std::string_view found) const {
    throw FileError(name, fmt::format("byte {} (packed): expected {}, found {}", at, expected, found));
  }

  /// Throws FileError when the call before this one, which began with no errno, failed.
  void check_readable() const {
    if (in.bad()) throw FileError(name, "cannot be read: " + std::generic_category().message(errno));
  }

  /// At most `most` bytes of the stream itself.
  std::size_t take(char* to, std::size_t most) {
    errno = 0;
    in.read(to, static_cast<std::streamsize>(most));
    check_readable();
    return static_cast<std::size_t>(in.gcount());
  }

  /// Makes sure that there is a packed byte to look at; false at the stream's end.
  bool refill() {
    if (zlib.avail_in > 0) return true;
    const std::size_t got = take(reinterpret_cast<char*>(buffer.data()), buffer.size());
    zlib.next_in = buffer.data();
    zlib.avail_in = static_cast<uInt>(got);
    taken += got;
    return got > 0;
  }

  /// zlib tells what is wrong only by its message.
  [[noreturn]] void fail_as_zlib_says() const {
    const std::string_view problem = zlib.msg ? zlib.msg : "";
    if (problem == "incorrect data check") fail(place(), "unpacked bytes with gzip's checksum", "a different checksum");
    if (problem == "incorrect length check") fail(place(), "as many unpacked bytes as gzip says", "a different number");
    const bool in_header = problem == "incorrect header check" || problem == "unknown compression method" ||
                           problem == "unknown header flags set" || problem == "header crc mismatch";
    if (in_header) fail(part_begins, "gzip data (1f 8b 08)", fmt::format("something else ({})", problem));
    fail(place(), "valid gzip data", fmt::format("damaged data ({})", problem));
  }

  /// After a part: another one, zeros up to the end, or nothing.
  void next_part() {
    part_begins = place();
    if (!refill()) {
      ended = true;
    } else if (*zlib.next_in == 0x1f) {
      inflateReset(&zlib);
    } else {
      skip_zeros();
    }
  }

  void skip_zeros() {
    for (; refill(); ++zlib.next_in, --zlib.avail_in) {
      if (*zlib.next_in == 0) continue;
      fail(place(), "the end after the gzip data, or zeros", fmt::format("{:#04x}", *zlib.next_in));
    }
    ended = true;
  }

  std::size_t unpack(std::span<std::uint8_t> to) {
    zlib.next_out = to.data();
    zlib.avail_out = static_cast<uInt>(std::min<std::size_t>(to.size(), std::numeric_limits<uInt>::max()));
    const uInt wanted = zlib.avail_out;
    while (zlib.avail_out > 0 && !ended) {
      if (!refill()) fail(place(), "more gzip data", "the end of the file: it is cut off");
      const uInt before = zlib.avail_out;
      const int status = inflate(&zlib, Z_NO_FLUSH);
      unpacked += before - zlib.avail_out;
      if (status == Z_MEM_ERROR) throw std::bad_alloc();
      if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) fail_as_zlib_says();
      if (unpacked > always_allowed + most_times * place()) {
        fail(place(), fmt::format("at most {} times as many bytes when unpacked", most_times), "more");
      }
      if (status == Z_STREAM_END) next_part();
    }
    return wanted - zlib.avail_out;
  }
};

Unpacker::Unpacker(std::istream& in, const std::filesystem::path& name) : state_(std::make_unique<State>(in, name)) {
  errno = 0;
  state_->packed = in.peek() == 0x1f;
  state_->check_readable();
  if (state_->packed && inflateInit2(&state_->zlib, gzip_alone) != Z_OK) throw std::bad_alloc();
}

Unpacker::~Unpacker() = default;

bool Unpacker::packed() const { return state_->packed; }

std::size_t Unpacker::read(std::span<std::uint8_t> to) {
  return state_->packed ? state_->unpack(to) : state_->take(reinterpret_cast<char*>(to.data()), to.size());
}

}  // namespace rnn
