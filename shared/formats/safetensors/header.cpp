module;
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

module rnn.formats.safetensors;

import rnn.base.json;

namespace rnn::safetensors {

namespace {

constexpr std::uint64_t largest_header = 100'000'000;  // as in the format's own reader
constexpr std::size_t most_values = 100'000;           // of one array's entry, or of all metadata
constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

/// Whether two names differ in one bit, so that one may be a damaged copy of the other.
bool is_one_bit_off(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  int bits = 0;
  for (std::size_t i = 0; i < a.size(); ++i) bits += std::popcount(static_cast<unsigned char>(a[i] ^ b[i]));
  return bits == 1;
}

/// Reads the header, member by member.
class HeaderReader {
 public:
  HeaderReader(std::optional<std::uint64_t> data_size, const std::filesystem::path& path)
      : data_size_(data_size), path_(path) {}

  Header read(std::string_view text) {
    parse_json_members(text, path_, most_values, [&](const JsonMember& member) {
      if (member.name == metadata_key) {
        read_metadata(member.value);
      } else {
        read_tensor(member.name, member.value);
      }
    });
    check_that_names_differ();
    check_that_all_is_covered();
    return std::move(header_);
  }

 private:
  [[noreturn]] void fail(const std::string& place, const std::string& expected, const std::string& found) const {
    throw FileError(path_, fmt::format("{}: expected {}, found {}", place, expected, found));
  }

  void read_metadata(const Json& json) {
    const std::string place(metadata_key);
    if (std::exchange(has_metadata_, true)) fail("header", "the key " + place + " once", "it twice");
    if (std::holds_alternative<std::monostate>(json.value)) return;
    if (!json.object()) fail(place, "an object", describe(json));
    for (const JsonMember& member : *json.object()) {
      if (!member.value.text()) fail(place + "." + in_words(member.name), "a text", describe(member.value));
      if (member.name == checksum_key) {
        header_.checksum = *member.value.text();
      } else if (is_one_bit_off(member.name, checksum_key)) {
        fail(place, "the key " + std::string(checksum_key), in_words(member.name) + ", so the file is damaged");
      } else {
        header_.file.metadata[member.name] = *member.value.text();
      }
    }
  }

  std::vector<std::uint64_t> wholes(const Json& json, const std::string& place) const {
    if (!json.list()) fail(place, "a list", describe(json));
    std::vector<std::uint64_t> values;
    values.reserve(json.list()->size());
    for (const Json& item : *json.list()) {
      if (!item.whole()) {
        const bool almost = item.number() && *item.number() >= 0 && *item.number() == std::floor(*item.number());
        fail(fmt::format("{}[{}]", place, values.size()), "a whole number below 2^64, in digits alone",
             describe(item) + (almost ? ", in another notation" : ""));
      }
      values.push_back(*item.whole());
    }
    return values;
  }

  void read_tensor(const std::string& name, const Json& json) {
    const std::string place = "tensor " + in_words(name);
    if (!json.object()) fail(place, "an object", describe(json));
    for (const char* key : {"dtype", "shape", "data_offsets"}) {
      if (!json.find(key)) fail(place, fmt::format("the key {}", key), "none");
    }
    const Json& dtype = *json.find("dtype");
    if (!dtype.text() || !is_dtype(*dtype.text())) fail(place + ".dtype", "one of " + all_dtypes(), describe(dtype));
    Tensor tensor{name, *dtype.text(), wholes(*json.find("shape"), place + ".shape"), ""};
    const auto offsets = wholes(*json.find("data_offsets"), place + ".data_offsets");
    if (offsets.size() != 2) fail(place + ".data_offsets", "a list of 2", fmt::format("a list of {}", offsets.size()));
    const Part part{offsets[0], offsets[1]};
    if (part.begin > part.end || part.end > data_size_.value_or(most)) {
      fail(place + ".data_offsets",
           data_size_ ? fmt::format("a part of the {} bytes that follow the header", *data_size_)
                      : "a beginning and an end",
           fmt::format("{} to {}", part.begin, part.end));
    }
    const auto size = size_of(tensor.dtype, tensor.shape);
    if (size != part.end - part.begin) {
      fail(place,
           fmt::format("{} for {}", size ? fmt::format("{} bytes", *size) : "a whole number of bytes below 2^64",
                       in_words(tensor.dtype, tensor.shape)),
           fmt::format("{}", part.end - part.begin));
    }
    header_.parts.push_back(part);
    header_.file.tensors.push_back(std::move(tensor));
  }

  void check_that_names_differ() const {
    std::vector<std::string_view> names;
    names.reserve(header_.file.tensors.size());
    for (const Tensor& tensor : header_.file.tensors) names.push_back(tensor.name);
    std::ranges::sort(names);
    const auto twice = std::ranges::adjacent_find(names);
    if (twice != names.end()) fail("tensor " + in_words(*twice), "one of this name", "two");
  }

  /// Every byte must belong to exactly one array.
  void check_that_all_is_covered() {
    std::vector<Part> sorted = header_.parts;
    std::ranges::sort(sorted, {}, [](const Part& part) { return std::pair(part.begin, part.end); });
    std::uint64_t covered = 0;
    for (const Part& part : sorted) {
      if (part.begin != covered)
        fail("data", fmt::format("an array that begins at byte {}", covered), fmt::format("{}", part.begin));
      covered = part.end;
    }
    if (covered != data_size_.value_or(covered)) {
      fail("data", fmt::format("{} bytes after the header", covered), fmt::format("{}", *data_size_));
    }
    header_.data_size = covered;
  }

  std::optional<std::uint64_t> data_size_;
  const std::filesystem::path& path_;
  Header header_;
  bool has_metadata_ = false;
};

}  // namespace

std::uint64_t header_length(std::string_view first_bytes, std::optional<std::uint64_t> following,
                            const std::filesystem::path& path) {
  std::uint64_t length = 0;
  if (first_bytes.size() < sizeof length) {
    throw FileError(path, fmt::format("expected 8 bytes with the length of the header, found {}", first_bytes.size()));
  }
  std::memcpy(&length, first_bytes.data(), sizeof length);
  if (length > largest_header) {
    throw FileError(path, fmt::format("expected a header of at most {} bytes, found {}", largest_header, length));
  }
  if (length > following.value_or(most)) {
    throw FileError(path, fmt::format("expected a header of {} bytes, found {}", length, *following));
  }
  return length;
}

void check_beginning(std::string_view header, const std::filesystem::path& path) {
  if (!header.starts_with('{')) throw FileError(path, "header: expected an object, found something else");
}

Header parse_header(std::string_view text, std::optional<std::uint64_t> data_size, const std::filesystem::path& path) {
  check_beginning(text, path);
  return HeaderReader(data_size, path).read(text);
}

}  // namespace rnn::safetensors
