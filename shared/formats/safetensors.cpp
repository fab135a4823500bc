module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

module rnn.formats.safetensors;

import rnn.base.json;

namespace rnn {

namespace {

using safetensors::in_words;

static_assert(std::endian::native == std::endian::little, "numbers are copied to the file as they are in memory");

template <class T>
std::string bytes_of(std::span<const T> numbers) {
  return std::string(reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes());
}

template <class T>
T number_at(const std::string& bytes, std::size_t i) {
  T number;
  std::memcpy(&number, &bytes[i * sizeof number], sizeof number);
  return number;
}

/// Half precision (IEEE 754 binary16): a sign, 5 bits of exponent, 10 bits of fraction.
double from_half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double magnitude = 0;
  if (exponent == 31) {
    magnitude = fraction ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
  } else if (exponent == 0) {
    magnitude = std::ldexp(fraction, -24);
  } else {
    magnitude = std::ldexp(1024 + fraction, exponent - 25);
  }
  return bits >> 15 ? -magnitude : magnitude;
}

/// A "brain float" is the upper half of a float.
double from_bfloat(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t(bits) << 16); }

using NumberAt = double (*)(const std::string& bytes, std::size_t i);
struct NumberType {
  std::string_view dtype;
  NumberAt at;
};
constexpr std::array<NumberType, 4> number_types = {{
    {"F16", [](const std::string& bytes, std::size_t i) { return from_half(number_at<std::uint16_t>(bytes, i)); }},
    {"BF16", [](const std::string& bytes, std::size_t i) { return from_bfloat(number_at<std::uint16_t>(bytes, i)); }},
    {"F32", [](const std::string& bytes, std::size_t i) { return double(number_at<float>(bytes, i)); }},
    {"F64", [](const std::string& bytes, std::size_t i) { return number_at<double>(bytes, i); }},
}};
constexpr const char* number_dtypes = "F16, BF16, F32 or F64";

const NumberType* number_type(std::string_view dtype) {
  const auto found = std::ranges::find(number_types, dtype, &NumberType::dtype);
  return found == number_types.end() ? nullptr : &*found;
}

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
  if (safetensors::size_of(real_dtype(), shape) != numbers.size_bytes()) {
    throw std::invalid_argument(fmt::format("to_tensor: {} must have as many numbers as its shape [{}], got {}", name,
                                            fmt::join(shape, ", "), numbers.size()));
  }
  return {std::move(name), real_dtype(), std::move(shape), bytes_of(numbers)};
}

Tensor to_tensor(std::string name, std::span<const std::uint64_t> numbers) {
  return {std::move(name), "U64", {numbers.size()}, bytes_of(numbers)};
}

const Tensor& numbers(const TensorFile& file, const std::filesystem::path& path, std::string_view name) {
  const Tensor& tensor = require(file, path, name);
  if (number_type(tensor.dtype)) return tensor;
  throw FileError(path, fmt::format("tensor {}: expected {}, found {}", quote(name), number_dtypes,
                                    in_words(tensor.dtype, tensor.shape)));
}

void require_numbers(const TensorFile& file, const std::filesystem::path& path, std::string_view name,
                     std::uint64_t rows, std::uint64_t columns) {
  const Tensor& tensor = require(file, path, name);
  const std::vector<std::uint64_t> flat{columns}, both{rows, columns};
  if (number_type(tensor.dtype) && (tensor.shape == both || (rows == 1 && tensor.shape == flat))) return;
  throw FileError(path,
                  fmt::format("tensor {}: expected {}, found {}", quote(name),
                              in_words(real_dtype(), rows == 1 ? flat : both), in_words(tensor.dtype, tensor.shape)));
}

void copy(const TensorFile& file, const std::filesystem::path& path, std::string_view name, View to) {
  require_numbers(file, path, name, to.rows, to.columns);
  const Tensor& tensor = *file.find(name);
  const NumberAt at = number_type(tensor.dtype)->at;
  for (Index i = 0; i < to.rows; ++i) {
    for (Index j = 0; j < to.columns; ++j) {
      const double number = at(tensor.bytes, i * to.columns + j);
      to(i, j) = static_cast<Real>(number);
      if (std::isfinite(number) && !std::isfinite(to(i, j))) {
        throw FileError(path, fmt::format("tensor {}: expected numbers up to {}, found {} at number {}", quote(name),
                                          std::numeric_limits<Real>::max(), number, i * to.columns + j));
      }
    }
  }
}

std::vector<std::uint64_t> counters(const TensorFile& file, const std::filesystem::path& path, std::string_view name) {
  const Tensor& tensor = require(file, path, name);
  if (tensor.dtype != "U64" || tensor.shape.size() != 1) {
    throw FileError(path, fmt::format("tensor {}: expected U64 with one axis, found {}", quote(name),
                                      in_words(tensor.dtype, tensor.shape)));
  }
  std::vector<std::uint64_t> counted(tensor.shape[0]);
  if (!counted.empty()) std::memcpy(counted.data(), tensor.bytes.data(), tensor.bytes.size());
  return counted;
}

}  // namespace rnn
