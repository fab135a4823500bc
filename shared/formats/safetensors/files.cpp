module;
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

module rnn.formats.safetensors;

import rnn.base.file;

namespace rnn {

namespace {

using safetensors::Header;
using safetensors::Part;

constexpr std::uint64_t largest_data = std::uint64_t(1) << 30;

/// A file that is read from its beginning to its end, and no further than necessary: it may be a pipe, or endless.
class Source {
 public:
  explicit Source(const std::filesystem::path& path) : path_(path) {
    std::error_code unknown;
    if (std::filesystem::is_directory(path, unknown)) throw FileError(path, "expected a file, found a directory");
    file_.open(path, std::ios::binary);
    if (!file_) throw FileError(path, "cannot be opened: " + std::generic_category().message(errno));
    const std::uintmax_t size = std::filesystem::file_size(path, unknown);
    if (!unknown) size_ = size;  // it is a regular file
  }

  /// Bytes of the whole file; nothing for a pipe or a device.
  std::optional<std::uint64_t> size() const { return size_; }

  /// The next `count` bytes, or as many as there are. The memory grows with what is really there.
  std::string read(std::uint64_t count) {
    constexpr std::uint64_t first = 1 << 20;
    std::string bytes;
    while (bytes.size() < count) {
      const std::uint64_t had = bytes.size();
      const std::uint64_t next = size_ ? count : std::min(count, std::max(first, 2 * had));
      bytes.reserve(next);  // resize alone would make room for more than it was asked for
      bytes.resize(next);
      file_.read(bytes.data() + had, static_cast<std::streamsize>(next - had));
      if (file_.bad()) throw FileError(path_, "cannot be read: " + std::generic_category().message(errno));
      const auto got = static_cast<std::uint64_t>(file_.gcount());
      if (had + got < next) {
        bytes.resize(had + got);
        break;
      }
    }
    return bytes;
  }

 private:
  const std::filesystem::path& path_;
  std::ifstream file_;
  std::optional<std::uint64_t> size_;
};

/// Gives the arrays their bytes, in the order in which the file has them.
void read_data(Source& source, Header& header, const std::filesystem::path& path) {
  const auto fail = [&](const std::string& found) {
    throw FileError(path, fmt::format("data: expected {} bytes after the header, found {}", header.data_size, found));
  };
  std::vector<std::size_t> order(header.parts.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](std::size_t i) { return header.parts[i].begin; });
  for (const std::size_t i : order) {
    const auto [begin, end] = header.parts[i];
    std::string& bytes = header.file.tensors[i].bytes;
    bytes = source.read(end - begin);
    if (bytes.size() < end - begin) fail(fmt::format("{}", begin + bytes.size()));
  }
  if (!source.read(1).empty()) fail("more");
}

}  // namespace

TensorFile read_safetensors(const std::filesystem::path& path) {
  Source source(path);
  constexpr std::uint64_t first = sizeof(std::uint64_t);
  const auto following = [&](std::uint64_t done) -> std::optional<std::uint64_t> {
    if (!source.size()) return std::nullopt;
    return *source.size() - std::min(*source.size(), done);
  };
  const std::uint64_t length = safetensors::header_length(source.read(first), following(first), path);
  std::string text = source.read(std::min<std::uint64_t>(length, 1));
  safetensors::check_beginning(text, path);  // before reading the rest, which may be a hundred megabytes of nothing
  text += source.read(length - text.size());
  if (text.size() < length) {
    throw FileError(path, fmt::format("expected a header of {} bytes, found {}", length, text.size()));
  }
  Header header = safetensors::parse_header(text, following(first + length), path);
  if (header.data_size > largest_data) {
    throw FileError(path, fmt::format("expected at most {} bytes of data, found {}", largest_data, header.data_size));
  }
  read_data(source, header, path);
  safetensors::verify(header, path);
  return std::move(header.file);
}

void write_safetensors(const std::filesystem::path& path, const TensorFile& file, Checksum checksum) {
  replace_file(path, format_safetensors(file, checksum));
}

}  // namespace rnn
