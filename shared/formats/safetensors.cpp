module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

module rnn.formats.safetensors;

import rnn.base.file;
import rnn.base.json;

namespace rnn {

namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied to the file as they stand in memory");

// The format allows a hundred times as much, for tens of thousands of tensors. Parsed, a header takes up to forty times
// its memory.
constexpr std::uint64_t largest_header = 1'000'000;
constexpr std::string_view metadata_key = "__metadata__";

/// Bytes of one number; 0 for a dtype that is not read here.
std::uint64_t size_of(std::string_view dtype) {
  if (dtype == "F32") return 4;
  return dtype == "F64" || dtype == "I64" || dtype == "U64" ? 8 : 0;
}

/// Bytes of an array; nothing when they cannot be counted in 64 bits.
std::optional<std::uint64_t> size_of(std::string_view dtype, const std::vector<std::uint64_t>& shape) {
  if (std::ranges::count(shape, std::uint64_t(0))) return 0;
  std::uint64_t size = size_of(dtype);
  for (const std::uint64_t n : shape) {
    if (size > std::numeric_limits<std::uint64_t>::max() / n) return std::nullopt;
    size *= n;
  }
  return size;
}

// What stands in a message is cut: a name or a shape in a file may be millions of letters long, and hold line breaks.
std::string in_words(std::string_view name) { return quote(name.substr(0, 60)); }

std::string in_words(std::string_view dtype, const std::vector<std::uint64_t>& shape) {
  constexpr std::size_t most = 8;
  const auto first = std::span(shape).first(std::min(shape.size(), most));
  return fmt::format("{} [{}{}]", dtype, fmt::join(first, ", "), shape.size() > most ? ", …" : "");
}

template <class T>
std::string bytes_of(std::span<const T> numbers) {
  return std::string(reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes());
}

/// Reads the header, place by place.
class HeaderReader {
 public:
  HeaderReader(const std::filesystem::path& path, std::string_view data) : path_(path), data_(data) {}

  TensorFile read(const Json& header) {
    if (!header.object()) fail("header", "an object", describe(header));
    for (const JsonMember& member : *header.object()) {
      if (member.name == metadata_key) {
        read_metadata(member.value);
      } else {
        read_tensor(member.name, member.value);
      }
    }
    check_that_all_is_covered();
    return std::move(file_);
  }

 private:
  [[noreturn]] void fail(const std::string& place, const std::string& expected, const std::string& found) const {
    throw FileError(path_, fmt::format("{}: expected {}, found {}", place, expected, found));
  }

  void read_metadata(const Json& json) {
    const std::string place(metadata_key);
    if (!json.object()) fail(place, "an object", describe(json));
    for (const JsonMember& member : *json.object()) {
      if (!member.value.text()) fail(place + "." + in_words(member.name), "a text", describe(member.value));
      file_.metadata[member.name] = *member.value.text();
    }
  }

  std::vector<std::uint64_t> wholes(const Json& json, const std::string& place) const {
    if (!json.list()) fail(place, "a list", describe(json));
    std::vector<std::uint64_t> values;
    for (const Json& item : *json.list()) {
      const double value = item.number() ? *item.number() : -1;
      // Up to 2^53 a double holds every whole number; no file is as large as that.
      if (value < 0 || value > 9007199254740992.0 || value != std::floor(value)) {
        fail(fmt::format("{}[{}]", place, values.size()), "a whole number up to 2^53", describe(item));
      }
      values.push_back(static_cast<std::uint64_t>(value));
    }
    return values;
  }

  void read_tensor(const std::string& name, const Json& json) {
    const std::string place = "tensor " + in_words(name);
    if (!json.object()) fail(place, "an object", describe(json));
    for (const JsonMember& member : *json.object()) {
      if (member.name == "dtype" || member.name == "shape" || member.name == "data_offsets") continue;
      fail(place, "only the keys dtype, shape, data_offsets", "the key " + in_words(member.name));
    }
    for (const char* key : {"dtype", "shape", "data_offsets"}) {
      if (!json.find(key)) fail(place, fmt::format("the key {}", key), "none");
    }
    const Json& dtype = *json.find("dtype");
    if (!dtype.text() || size_of(*dtype.text()) == 0) fail(place + ".dtype", "F32, F64, I64 or U64", describe(dtype));

    Tensor tensor{name, *dtype.text(), wholes(*json.find("shape"), place + ".shape"), ""};
    const auto offsets = wholes(*json.find("data_offsets"), place + ".data_offsets");
    if (offsets.size() != 2) fail(place + ".data_offsets", "a list of 2", fmt::format("a list of {}", offsets.size()));
    const auto [begin, end] = std::pair(offsets[0], offsets[1]);
    if (begin > end || end > data_.size()) {
      fail(place + ".data_offsets", fmt::format("a part of the {} bytes that follow the header", data_.size()),
           fmt::format("{} to {}", begin, end));
    }
    const auto size = size_of(tensor.dtype, tensor.shape);
    if (size != end - begin) {
      fail(place,
           fmt::format("{} bytes for {}", size ? fmt::format("{}", *size) : "more than 2^64",
                       in_words(tensor.dtype, tensor.shape)),
           fmt::format("{}", end - begin));
    }
    parts_.emplace_back(begin, end);
    file_.tensors.push_back(std::move(tensor));
  }

  /// Every byte must belong to exactly one array. Only then are the bytes copied, so they are copied once.
  void check_that_all_is_covered() {
    auto sorted = parts_;
    std::ranges::sort(sorted);
    std::uint64_t covered = 0;
    for (const auto& [begin, end] : sorted) {
      if (begin != covered)
        fail("data", fmt::format("an array that begins at byte {}", covered), fmt::format("{}", begin));
      covered = end;
    }
    if (covered != data_.size()) {
      fail("data", fmt::format("{} bytes after the header", covered), fmt::format("{}", data_.size()));
    }
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const auto [begin, end] = parts_[i];
      file_.tensors[i].bytes = data_.substr(begin, end - begin);
    }
  }

  const std::filesystem::path& path_;
  std::string_view data_;
  TensorFile file_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> parts_;  // of data_, one for each tensor
};

const Tensor& require(const TensorFile& file, const std::filesystem::path& path, std::string_view name) {
  if (const Tensor* tensor = file.find(name)) return *tensor;
  throw FileError(path, fmt::format("expected a tensor {}, found none", quote(name)));
}

}  // namespace

const Tensor* TensorFile::find(std::string_view name) const {
  const auto tensor = std::ranges::find(tensors, name, &Tensor::name);
  return tensor == tensors.end() ? nullptr : &*tensor;
}

std::string real_dtype() { return sizeof(Real) == 4 ? "F32" : "F64"; }

Tensor to_tensor(std::string name, ConstView a) {
  const Matrix numbers = to_matrix(a);
  const std::span<const Real> all(numbers.data().begin(), a.size());
  return to_tensor(std::move(name), all, {a.rows, a.columns});
}

Tensor to_tensor(std::string name, std::span<const Real> numbers, std::vector<std::uint64_t> shape) {
  if (size_of(real_dtype(), shape) != numbers.size_bytes()) {
    throw std::invalid_argument(fmt::format("to_tensor: {} must have as many numbers as its shape [{}], got {}", name,
                                            fmt::join(shape, ", "), numbers.size()));
  }
  return {std::move(name), real_dtype(), std::move(shape), bytes_of(numbers)};
}

Tensor to_tensor(std::string name, std::span<const std::uint64_t> numbers) {
  return {std::move(name), "U64", {numbers.size()}, bytes_of(numbers)};
}

void copy(const TensorFile& file, const std::filesystem::path& path, std::string_view name, View to) {
  const Tensor& tensor = require(file, path, name);
  const std::vector<std::uint64_t> flat{to.columns}, both{to.rows, to.columns};
  const bool fits = tensor.shape == both || (to.rows == 1 && tensor.shape == flat);
  if (!fits || tensor.dtype != real_dtype()) {
    throw FileError(
        path, fmt::format("tensor {}: expected {}, found {}", quote(name),
                          in_words(real_dtype(), to.rows == 1 ? flat : both), in_words(tensor.dtype, tensor.shape)));
  }
  for (Index i = 0; i < to.rows; ++i) {
    for (Index j = 0; j < to.columns; ++j) {
      std::memcpy(&to(i, j), &tensor.bytes[(i * to.columns + j) * sizeof(Real)], sizeof(Real));
    }
  }
}

std::vector<std::uint64_t> counters(const TensorFile& file, const std::filesystem::path& path, std::string_view name) {
  const Tensor& tensor = require(file, path, name);
  if (tensor.dtype != "U64" || tensor.shape.size() != 1) {
    throw FileError(path, fmt::format("tensor {}: expected U64 with one axis, found {}", quote(name),
                                      in_words(tensor.dtype, tensor.shape)));
  }
  std::vector<std::uint64_t> numbers(tensor.shape[0]);
  if (!numbers.empty()) std::memcpy(numbers.data(), tensor.bytes.data(), tensor.bytes.size());
  return numbers;
}

std::string format_safetensors(const TensorFile& file) {
  std::vector<std::string> members;
  if (!file.metadata.empty()) {
    std::vector<std::string> texts;
    for (const auto& [name, value] : file.metadata) texts.push_back(quote(name) + ":" + quote(value));
    members.push_back(fmt::format("{}:{{{}}}", quote(metadata_key), fmt::join(texts, ",")));
  }
  std::set<std::string_view> names{metadata_key};
  std::string data;
  for (const Tensor& tensor : file.tensors) {
    if (!names.insert(tensor.name).second) {
      throw std::invalid_argument("write_safetensors: the name " + quote(tensor.name) + " stands twice");
    }
    if (size_of(tensor.dtype) == 0 || size_of(tensor.dtype, tensor.shape) != tensor.bytes.size()) {
      throw std::invalid_argument(fmt::format("write_safetensors: {} must have the bytes of {}, got {}", tensor.name,
                                              in_words(tensor.dtype, tensor.shape), tensor.bytes.size()));
    }
    members.push_back(fmt::format("{}:{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}", quote(tensor.name),
                                  tensor.dtype, fmt::join(tensor.shape, ","), data.size(),
                                  data.size() + tensor.bytes.size()));
    data += tensor.bytes;
  }
  std::string header = fmt::format("{{{}}}", fmt::join(members, ","));
  header.append((8 - header.size() % 8) % 8, ' ');  // the numbers begin at a multiple of 8 bytes
  const std::uint64_t length = header.size();
  return bytes_of(std::span(&length, 1)) + header + data;
}

void write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  replace_file(path, format_safetensors(file));
}

TensorFile parse_safetensors(std::string_view bytes, const std::filesystem::path& path) {
  std::uint64_t length = 0;
  if (bytes.size() < sizeof length) {
    throw FileError(path, fmt::format("expected 8 bytes with the length of the header, found {}", bytes.size()));
  }
  std::memcpy(&length, bytes.data(), sizeof length);
  bytes.remove_prefix(sizeof length);
  if (length > largest_header) {
    throw FileError(path, fmt::format("expected a header of at most {} bytes, found {}", largest_header, length));
  }
  if (length > bytes.size()) {
    throw FileError(path, fmt::format("expected a header of {} bytes, found {}", length, bytes.size()));
  }
  const std::string_view header = bytes.substr(0, length);
  if (!header.starts_with('{')) throw FileError(path, "header: expected an object, found something else");
  return HeaderReader(path, bytes.substr(length)).read(parse_json(header, path));
}

TensorFile read_safetensors(const std::filesystem::path& path) { return parse_safetensors(read_file(path), path); }

}  // namespace rnn
