module;
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <istream>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

module rnn.formats.idx;

import rnn.base.error;
import rnn.formats.gzip;
import rnn.linalg.matrix;

namespace rnn {

namespace {

using std::filesystem::path;

constexpr std::uint32_t images_magic = 0x803;
constexpr std::uint32_t labels_magic = 0x801;
constexpr std::uint32_t tables_magic = 0xc02;  // 32-bit numbers, two axes
constexpr std::uint32_t table_columns = 8;

// MNIST's pixels are 47 MB, those of the largest set in this format 640 MB. A packed file may unpack to a thousand
// times its size, so a file that claims more than this is not read at all.
constexpr Index most_bytes = Index(1) << 30;

/// The system's message about its last call.
std::string system_problem() { return std::generic_category().message(errno); }

std::ifstream open(const path& name) {
  std::error_code ignored;
  if (std::filesystem::is_directory(name, ignored)) throw FileError(name, "expected a file, found a directory");
  std::ifstream file(name, std::ios::binary);
  if (!file) throw FileError(name, "cannot be opened: " + system_problem());
  return file;
}

std::uint32_t big_endian(std::span<const std::uint8_t, 4> b) {
  return std::uint32_t(b[0]) << 24 | std::uint32_t(b[1]) << 16 | std::uint32_t(b[2]) << 8 | b[3];
}

/// The bytes of an IDX file, unpacked if necessary, with the place in them for messages.
class Reader {
 public:
  Reader(std::istream& in, const path& name) : name_(name), bytes_(in, name_) {}

  [[noreturn]] void fail(Index place, const std::string& problem) const {
    throw FileError(name_, fmt::format("byte {}{}: {}", place, bytes_.packed() ? " (unpacked)" : "", problem));
  }
  [[noreturn]] void fail(const std::string& problem) const { fail(place_, problem); }

  /// A big-endian number of the header.
  std::uint32_t number(const char* what) {
    std::array<std::uint8_t, 4> b;
    const Index found = bytes_.read(b);
    if (found < b.size()) fail(fmt::format("expected the {} (4 bytes), found the end after {}", what, found));
    place_ += b.size();
    return big_endian(b);
  }

  /// The magic number, which must be one of these.
  std::uint32_t magic(std::initializer_list<std::uint32_t> expected, const char* what) {
    const std::uint32_t found = number("magic number");
    if (std::ranges::count(expected, found)) return found;
    std::string numbers;
    for (const std::uint32_t one : expected) numbers += fmt::format("{}{:#010x}", numbers.empty() ? "" : " or ", one);
    fail(0, fmt::format("expected the magic number {} ({}), found {:#010x}", numbers, what, found));
  }

  /// Exactly `size` bytes, which must be the last. Memory grows with what is really there, doubling at most and never
  /// beyond `size`: a header that lies costs nothing, and never more than twice `size` is held.
  std::vector<std::uint8_t> rest(Index size, const char* what) {
    constexpr Index first = Index(1) << 20;
    std::vector<std::uint8_t> data;
    while (data.size() < size) {
      const Index had = data.size();
      const Index next = std::min(size, std::max(first, 2 * had));
      data.reserve(next);  // resize alone would make room for more than it was asked for
      data.resize(next);
      const Index found = had + bytes_.read(std::span(data).subspan(had));
      if (found < next) fail(fmt::format("expected {} bytes of {}, found {}", size, what, found));
    }
    std::array<std::uint8_t, 1> beyond;
    const bool longer = bytes_.read(beyond) > 0;
    if (longer) fail(place_ + size, fmt::format("expected the end after {} bytes of {}, found more", size, what));
    return data;
  }

  Index place() const { return place_; }

 private:
  path name_;
  Unpacker bytes_;
  Index place_ = 0;  // of what is read next, counted in unpacked bytes
};

/// The first of each row's numbers: the class.
std::vector<std::uint8_t> first_column(const Reader& reader, const std::vector<std::uint8_t>& table,
                                       std::uint8_t largest) {
  constexpr Index row = 4 * table_columns;
  std::vector<std::uint8_t> labels;
  for (Index i = 0; i < table.size(); i += row) {
    const std::uint32_t number = big_endian(std::span(table).subspan(i).first<4>());
    if (number > largest)
      reader.fail(reader.place() + i,
                  fmt::format("expected a label from 0 to {}, found {}", largest, static_cast<std::int32_t>(number)));
    labels.push_back(std::uint8_t(number));
  }
  return labels;
}

std::uint32_t header_number(Index size, const char* what) {
  if (size <= std::numeric_limits<std::uint32_t>::max()) return std::uint32_t(size);
  throw std::invalid_argument(fmt::format("write_idx: {} must fit in 32 bits, got {}", what, size));
}

void write(const path& name, std::initializer_list<std::uint32_t> header, const std::vector<std::uint8_t>& bytes) {
  std::ofstream file(name, std::ios::binary);
  for (const std::uint32_t number : header) {
    for (const int shift : {24, 16, 8, 0}) file.put(char(number >> shift));
  }
  file.write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
  file.close();
  if (!file) throw FileError(name, "cannot be written: " + system_problem());
}

}  // namespace

Images read_idx_images(std::istream& in, const path& name) {
  Reader reader(in, name);
  reader.magic({images_magic}, "images");
  Images images;
  images.count = reader.number("number of images");
  images.rows = reader.number("number of rows");
  images.columns = reader.number("number of columns");
  const Index size = images.rows * images.columns;  // two 32-bit numbers: always fits in 64
  if (images.count > 0 && size == 0)
    reader.fail(fmt::format("expected images of at least 1x1 pixels, found {}", shape(images.rows, images.columns)));
  if (images.count > 0 && size > most_bytes / images.count)  // the product may not fit in 64 bits
    reader.fail(fmt::format("expected at most {} bytes of pixels, found {} images of {}", most_bytes, images.count,
                            shape(images.rows, images.columns)));
  images.pixels = reader.rest(images.count * size, "pixels");
  return images;
}

Images read_idx_images(const path& name) {
  std::ifstream file = open(name);
  return read_idx_images(file, name);
}

std::vector<std::uint8_t> read_idx_labels(std::istream& in, const path& name, std::uint8_t largest) {
  Reader reader(in, name);
  const bool table = reader.magic({labels_magic, tables_magic}, "labels") == tables_magic;
  const Index count = reader.number("number of labels");
  const Index most = table ? most_bytes / (4 * table_columns) : most_bytes;
  if (count > most) reader.fail(fmt::format("expected at most {} labels, found {}", most, count));
  if (table) {
    const std::uint32_t columns = reader.number("number of columns");
    if (columns != table_columns) reader.fail(8, fmt::format("expected {} columns, found {}", table_columns, columns));
    return first_column(reader, reader.rest(count * 4 * table_columns, "labels"), largest);
  }
  std::vector<std::uint8_t> labels = reader.rest(count, "labels");
  for (Index i = 0; i < count; ++i) {
    if (labels[i] > largest)
      reader.fail(reader.place() + i, fmt::format("expected a label of at most {}, found {}", largest, labels[i]));
  }
  return labels;
}

std::vector<std::uint8_t> read_idx_labels(const path& name, std::uint8_t largest) {
  std::ifstream file = open(name);
  return read_idx_labels(file, name, largest);
}

void write_idx(const path& name, const Images& images) {
  const Index size = images.count * images.rows * images.columns;
  if (images.pixels.size() != size)
    throw std::invalid_argument(fmt::format("write_idx: {} images of {} must have {} pixels, got {}", images.count,
                                            shape(images.rows, images.columns), size, images.pixels.size()));
  write(name,
        {images_magic, header_number(images.count, "count"), header_number(images.rows, "rows"),
         header_number(images.columns, "columns")},
        images.pixels);
}

void write_idx(const path& name, const std::vector<std::uint8_t>& labels) {
  write(name, {labels_magic, header_number(labels.size(), "count")}, labels);
}

}  // namespace rnn
