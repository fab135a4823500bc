module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

module rnn.formats.safetensors;

import rnn.base.json;

namespace rnn::safetensors {

namespace {

struct Dtype {
  std::string_view name;
  unsigned bits;
};
constexpr std::array<Dtype, 22> dtypes = {
    {{"BOOL", 8},    {"U8", 8},      {"I8", 8},      {"U16", 16},        {"I16", 16},        {"U32", 32},
     {"I32", 32},    {"U64", 64},    {"I64", 64},    {"F4", 4},          {"F6_E2M3", 6},     {"F6_E3M2", 6},
     {"F8_E4M3", 8}, {"F8_E5M2", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"F16", 16},
     {"BF16", 16},   {"F32", 32},    {"F64", 64},    {"C64", 64}}};

const Dtype* find_dtype(std::string_view name) {
  const auto found = std::ranges::find(dtypes, name, &Dtype::name);
  return found == dtypes.end() ? nullptr : &*found;
}

}  // namespace

bool is_dtype(std::string_view name) { return find_dtype(name) != nullptr; }

std::string all_dtypes() {
  std::vector<std::string_view> names;
  for (const Dtype& dtype : dtypes) names.push_back(dtype.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::optional<std::uint64_t> size_of(std::string_view dtype, std::span<const std::uint64_t> shape) {
  const Dtype* known = find_dtype(dtype);
  if (!known) return std::nullopt;
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t count = 1;
  for (const std::uint64_t n : shape) {  // from the left, as the format's own reader: [2^63, 4, 0] is too large
    if (n > 0 && count > most / n) return std::nullopt;
    count *= n;
  }
  if (count > most / known->bits || count * known->bits % 8 != 0) return std::nullopt;
  return count * known->bits / 8;
}

std::string in_words(std::string_view name) { return quote(name.substr(0, 60)); }

std::string in_words(std::string_view dtype, std::span<const std::uint64_t> shape) {
  constexpr std::size_t shown = 8;
  const auto first = shape.first(std::min(shape.size(), shown));
  return fmt::format("{} [{}{}]", dtype, fmt::join(first, ", "), shape.size() > shown ? ", …" : "");
}

}  // namespace rnn::safetensors
