module;
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

module rnn.formats.state_dict;

import rnn.base.error;
import rnn.linalg.matrix;

namespace rnn {

namespace {

using state_dict::in_words;
using state_dict::Prefixes;

/// A recurrent layer of PyTorch's, and our cell that computes the same.
struct Layer {
  const char* cell;
  std::uint64_t gates;      // blocks of n in its weights
  bool has_recurrent_bias;  // b_y
};
constexpr Layer layers[] = {{"rnn", 1, false}, {"gru", 3, true}, {"lstm", 4, false}};

// ---- the shapes of a state dict

struct Size {
  std::uint64_t rows, columns;
};
/// Of a weight, which has two axes, and numbers of a kind that is read.
Size size_of(const TensorFile& file, const std::filesystem::path& path, const std::string& name) {
  const Tensor& tensor = numbers(file, path, name);
  if (tensor.shape.size() == 2 && tensor.shape[0] > 0 && tensor.shape[1] > 0) {
    return {tensor.shape[0], tensor.shape[1]};
  }
  throw FileError(path, fmt::format("tensor {}: expected a shape of two axes, both at least 1, found [{}]",
                                    in_words(name), fmt::join(tensor.shape, ", ")));
}

/// What a state dict holds: the layer and its sizes.
struct Sizes {
  const Layer& layer;
  std::uint64_t inputs, hidden, classes;
  bool biases, linear_bias;
};

const Layer& layer_of(const Size& recurrent, const std::filesystem::path& path, const std::string& name) {
  for (const Layer& layer : layers) {
    if (recurrent.rows % recurrent.columns == 0 && recurrent.rows / recurrent.columns == layer.gates) return layer;
  }
  throw FileError(path, fmt::format("tensor {}: expected as many rows as columns (nn.RNN), 3 times as many (nn.GRU) or "
                                    "4 times (nn.LSTM), found [{}, {}]",
                                    in_words(name), recurrent.rows, recurrent.columns));
}

// Nothing of the network's size is allocated before the shapes are known to fit.
Sizes sizes_in(const TensorFile& file, const std::filesystem::path& path, const Prefixes& at) {
  const std::string input = at.recurrent + "weight_ih_l0", recurrent = at.recurrent + "weight_hh_l0";
  const Size of_recurrent = size_of(file, path, recurrent), of_linear = size_of(file, path, at.linear + "weight");
  const std::string ih = at.recurrent + "bias_ih_l0", hh = at.recurrent + "bias_hh_l0";
  const Sizes sizes{.layer = layer_of(of_recurrent, path, recurrent),
                    .inputs = size_of(file, path, input).columns,
                    .hidden = of_recurrent.columns,
                    .classes = of_linear.rows,
                    .biases = file.find(ih) || file.find(hh),
                    .linear_bias = file.find(at.linear + "bias") != nullptr};
  require_numbers(file, path, input, of_recurrent.rows, sizes.inputs);
  if (sizes.biases) {
    require_numbers(file, path, ih, 1, of_recurrent.rows);
    require_numbers(file, path, hh, 1, of_recurrent.rows);
  }
  require_numbers(file, path, at.linear + "weight", sizes.classes, sizes.hidden);
  if (sizes.linear_bias) require_numbers(file, path, at.linear + "bias", 1, sizes.classes);
  return sizes;
}

// ---- its numbers

Matrix finite(const TensorFile& file, const std::filesystem::path& path, const std::string& name, Size size) {
  Matrix values(size.rows, size.columns);
  copy(file, path, name, values);
  const Real *begin = values.data().begin(), *end = values.data().end();
  const Real* bad = std::find_if_not(begin, end, [](Real number) { return std::isfinite(number); });
  if (bad == end) return values;
  throw FileError(path, fmt::format("tensor {}: expected finite numbers, found {} at number {}", in_words(name), *bad,
                                    bad - begin));
}

Tensor transposed_tensor(std::string name, const TensorFile& file, const std::filesystem::path& path,
                         const std::string& from, Size size) {
  const Matrix values = finite(file, path, from, size);
  return to_tensor(std::move(name), transposed(values));
}

Tensor bias(std::string name, std::span<const Real> values) {
  return to_tensor(std::move(name), values, {values.size()});
}

/// b and perhaps b_y from the two biases. A zero adds nothing, not even its sign.
void add_biases(TensorFile& ours, const TensorFile& file, const std::filesystem::path& path, const std::string& prefix,
                const Sizes& sizes) {
  const Index n = sizes.hidden, columns = sizes.layer.gates * n;
  Matrix input(1, columns, Real(0)), recurrent(1, columns, Real(0));
  if (sizes.biases) {
    input = finite(file, path, prefix + "bias_ih_l0", {1, columns});
    recurrent = finite(file, path, prefix + "bias_hh_l0", {1, columns});
  }
  const std::span b(&input(0, 0), columns), b_hh(&recurrent(0, 0), columns);
  const Index added = sizes.layer.has_recurrent_bias ? columns - n : columns;
  for (Index i = 0; i < added; ++i) {
    if (b_hh[i] != 0) b[i] += b_hh[i];
    if (std::isfinite(b[i])) continue;
    throw FileError(path, fmt::format("tensor {}: expected biases with finite sums, found {} at number {}",
                                      in_words(prefix + "bias_hh_l0"), b[i], i));
  }
  ours.tensors.push_back(bias("b", b));
  if (sizes.layer.has_recurrent_bias) ours.tensors.push_back(bias("b_y", b_hh.subspan(added)));
}

}  // namespace

TensorFile from_state_dict(const TensorFile& file, const std::filesystem::path& path) {
  const Prefixes at = state_dict::prefixes_in(file, path);
  const Sizes sizes = sizes_in(file, path, at);
  const Index columns = sizes.layer.gates * sizes.hidden;
  TensorFile ours{{}, file.metadata};
  ours.metadata["cell"] = sizes.layer.cell;
  const auto add_transposed = [&](const char* name, const std::string& from, Size size) {
    ours.tensors.push_back(transposed_tensor(name, file, path, from, size));
  };
  add_transposed("w_x", at.recurrent + "weight_ih_l0", {columns, sizes.inputs});
  add_transposed("w_y", at.recurrent + "weight_hh_l0", {columns, sizes.hidden});
  add_biases(ours, file, path, at.recurrent, sizes);
  add_transposed("w_out", at.linear + "weight", {sizes.classes, sizes.hidden});
  Matrix b_out(1, sizes.classes, Real(0));
  if (sizes.linear_bias) b_out = finite(file, path, at.linear + "bias", {1, sizes.classes});
  ours.tensors.push_back(bias("b_out", {&b_out(0, 0), sizes.classes}));
  return ours;
}

TensorFile to_state_dict(const TensorFile& file, const std::filesystem::path& path) {
  const auto named = file.metadata.find("cell");
  const std::string cell = named == file.metadata.end() ? layers[0].cell : named->second;
  const auto layer = std::ranges::find(layers, cell, &Layer::cell);
  if (layer == std::end(layers)) {
    throw FileError(path, fmt::format("cell: expected one that PyTorch has, rnn, gru or lstm, found \"{:.60}\"", cell));
  }
  const Size input = size_of(file, path, "w_x"), output = size_of(file, path, "w_out");
  const Index n = size_of(file, path, "w_y").rows, columns = layer->gates * n;
  TensorFile theirs{{}, file.metadata};
  theirs.metadata["format"] = "pt";  // as PyTorch's own files have it; some of its readers ask for this
  const auto add_transposed = [&](const char* name, const std::string& from, Size size) {
    theirs.tensors.push_back(transposed_tensor(name, file, path, from, size));
  };
  add_transposed("rnn.weight_ih_l0", "w_x", {input.rows, columns});
  add_transposed("rnn.weight_hh_l0", "w_y", {n, columns});
  const Matrix b = finite(file, path, "b", {1, columns});
  Matrix recurrent(1, columns, Real(0));
  if (layer->has_recurrent_bias) {
    copy(finite(file, path, "b_y", {1, n}), View(recurrent).columns_from(columns - n, n));
  }
  theirs.tensors.push_back(bias("rnn.bias_ih_l0", {&b(0, 0), columns}));
  theirs.tensors.push_back(bias("rnn.bias_hh_l0", {&recurrent(0, 0), columns}));
  add_transposed("linear.weight", "w_out", {n, output.columns});
  const Matrix b_out = finite(file, path, "b_out", {1, output.columns});
  theirs.tensors.push_back(bias("linear.bias", {&b_out(0, 0), output.columns}));
  return theirs;
}

}  // namespace rnn
