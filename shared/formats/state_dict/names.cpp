module;
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>

module rnn.formats.state_dict;

import rnn.base.error;
import rnn.base.json;

namespace rnn::state_dict {

std::string in_words(std::string_view name) { return quote(name.substr(0, 100)); }

namespace {

/// "model.rnn." and "weight_ih_l0".
struct Name {
  std::string_view prefix, last;
};
Name parts_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? Name{"", name} : Name{name.substr(0, dot + 1), name.substr(dot + 1)};
}

constexpr std::string_view recurrent_names[] = {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"};
constexpr std::string_view linear_names[] = {"weight", "bias"};

/// The prefix of the one tensor whose name ends like this.
std::string prefix_of(const TensorFile& file, const std::filesystem::path& path, std::string_view last,
                      std::string_view what) {
  const Tensor* found = nullptr;
  for (const Tensor& tensor : file.tensors) {
    if (parts_of(tensor.name).last != last) continue;
    if (found) {
      throw FileError(path, fmt::format("expected one {}, found two: tensors {} and {}", what, in_words(found->name),
                                        in_words(tensor.name)));
    }
    found = &tensor;
  }
  if (found) return std::string(parts_of(found->name).prefix);
  throw FileError(path, fmt::format("expected an {} with a tensor \"{}\", perhaps after a prefix and a dot, found none",
                                    what, last));
}

/// What a tensor that has no place here belongs to.
std::string what_it_is(std::string_view last) {
  if (last.ends_with("_reverse")) return "one direction, found a tensor of a bidirectional layer";
  if (last.starts_with("weight_hr_")) return "no projection, found one (proj_size)";
  const bool of_recurrent = last.starts_with("weight_ih_l") || last.starts_with("weight_hh_l") ||
                            last.starts_with("bias_ih_l") || last.starts_with("bias_hh_l");
  if (of_recurrent) return "one recurrent layer (num_layers=1), found a tensor of another";
  return "the tensors of one recurrent layer and one nn.Linear alone, found another";
}

}  // namespace

Prefixes prefixes_in(const TensorFile& file, const std::filesystem::path& path) {
  const std::string recurrent = prefix_of(file, path, recurrent_names[0], "nn.RNN, nn.GRU or nn.LSTM");
  for (const Tensor& tensor : file.tensors) {
    const auto [prefix, last] = parts_of(tensor.name);
    if (prefix == recurrent && std::ranges::count(recurrent_names, last)) continue;
    if (std::ranges::count(linear_names, last)) continue;
    throw FileError(path, fmt::format("tensor {}: expected {}", in_words(tensor.name), what_it_is(last)));
  }
  const std::string linear = prefix_of(file, path, linear_names[0], "nn.Linear");
  for (const Tensor& tensor : file.tensors) {
    const auto [prefix, last] = parts_of(tensor.name);
    if (!std::ranges::count(linear_names, last) || prefix == linear) continue;
    throw FileError(path,
                    fmt::format("tensor {}: expected a weight beside this bias, found none", in_words(tensor.name)));
  }
  return {recurrent, linear};
}

}  // namespace rnn::state_dict
