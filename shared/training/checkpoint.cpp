module;
#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

module rnn.training.checkpoint;

import rnn.base.error;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.parameters;
import rnn.training.optimizers;

namespace rnn {

static bool all_finite(ConstView a) {
  for (Index i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a.data[i])) return false;
  }
  return true;
}

static void add(TensorFile& file, const std::string& name, ConstView values) {
  const std::vector<std::uint64_t> shape = values.rows == 1 ? std::vector<std::uint64_t>{values.columns}
                                                            : std::vector<std::uint64_t>{values.rows, values.columns};
  file.tensors.push_back(to_tensor(name, std::span(values.data, values.size()), shape));
}

static TensorFile weights_of(const Classifier& network) {
  TensorFile file;
  file.metadata["activation"] = name(network.shape().activation);
  for (Index i = 0; i < network.parameters.entries().size(); ++i) {
    const std::string& name = network.parameters.entries()[i].name;
    if (!all_finite(network.parameters[i])) {
      throw ResultError("weights that are not finite are not written: " + name + "; try a smaller --learning-rate");
    }
    add(file, name, network.parameters[i]);
  }
  return file;
}

void save_weights(const Classifier& network, const std::filesystem::path& path) {
  write_safetensors(path, weights_of(network));
}

/// What network these weights are of; checked before anything of its size is allocated.
static ClassifierShape shape_in(const TensorFile& file, const std::filesystem::path& path) {
  const auto matrix = [&](const char* name) -> const std::vector<std::uint64_t>& {
    const Tensor* tensor = file.find(name);
    if (!tensor) throw FileError(path, fmt::format("expected a tensor \"{}\", found none", name));
    if (tensor->shape.size() != 2 || tensor->shape[0] == 0 || tensor->shape[1] == 0) {
      throw FileError(path,
                      fmt::format("tensor \"{}\": expected a shape of rows and columns, found something else", name));
    }
    return tensor->shape;
  };
  ClassifierShape shape{.inputs = matrix("w_x")[0], .hidden = matrix("w_y")[1], .classes = matrix("w_out")[1]};
  // n is the rows of w_y too, and the file does hold these n·n numbers.
  if (matrix("w_y")[0] != shape.hidden || matrix("w_x")[1] != shape.hidden || matrix("w_out")[0] != shape.hidden) {
    throw FileError(path, fmt::format("expected w_x (inputs, n), w_y (n, n) and w_out (n, classes), found ({}, {}), "
                                      "({}, {}) and ({}, {})",
                                      matrix("w_x")[0], matrix("w_x")[1], matrix("w_y")[0], matrix("w_y")[1],
                                      matrix("w_out")[0], matrix("w_out")[1]));
  }
  const auto found = file.metadata.find("activation");
  const std::string activation = found == file.metadata.end() ? "tanh" : found->second;
  if (activation != "tanh" && activation != "relu") {
    throw FileError(path, fmt::format("activation: expected tanh or relu, found \"{:.60}\"", activation));
  }
  shape.activation = activation == "relu" ? Activation::relu : Activation::tanh;
  return shape;
}

static void copy_finite(const TensorFile& file, const std::filesystem::path& path, const std::string& name, View to) {
  copy(file, path, name, to);
  for (Index i = 0; i < to.size(); ++i) {
    if (std::isfinite(to.data[i])) continue;
    throw FileError(path,
                    fmt::format("tensor \"{}\": expected finite numbers, found {} at number {}", name, to.data[i], i));
  }
}

static void copy_weights(const TensorFile& file, const std::filesystem::path& path, Classifier& network) {
  for (Index i = 0; i < network.parameters.entries().size(); ++i) {
    copy_finite(file, path, network.parameters.entries()[i].name, network.parameters[i]);
  }
}

Classifier load_network(const std::filesystem::path& path) {
  const TensorFile file = read_safetensors(path);
  Classifier network(shape_in(file, path));
  copy_weights(file, path, network);
  return network;
}

void save_checkpoint(const std::filesystem::path& path, const Classifier& network, Trainer& trainer,
                     const Position& position, const Deciding& options) {
  TensorFile file = weights_of(network);
  for (const auto& [option, value] : options) file.metadata[option] = value;
  const Parameters& parameters = network.parameters;
  Adam& adam = trainer.adam();
  if (!all_finite(adam.first_moments()) || !all_finite(adam.second_moments())) {
    throw ResultError("moments that are not finite are not written; try a smaller --learning-rate");
  }
  for (Index i = 0; i < parameters.entries().size(); ++i) {
    const std::string& name = parameters.entries()[i].name;
    add(file, "first_moment." + name, parameters.part(adam.first_moments(), i));
    add(file, "second_moment." + name, parameters.part(adam.second_moments(), i));
  }
  const std::uint64_t counters[] = {position.epoch, position.step, adam.steps(),
                                    std::bit_cast<std::uint64_t>(position.loss_sum)};
  file.tensors.push_back(to_tensor("position", counters));
  write_safetensors(path, file);
}

Checkpoint::Checkpoint(const std::filesystem::path& path) : path_(path), file_(read_safetensors(path)) {
  if (file_.find("position")) return;
  throw FileError(path, "expected a checkpoint, found no tensor \"position\"; weights alone are for --init");
}

const std::string& Checkpoint::option(const std::string& name) const {
  const auto found = file_.metadata.find(name);
  if (found == file_.metadata.end()) throw FileError(path_, "metadata: expected the key " + name + ", found none");
  return found->second;
}

Position Checkpoint::restore(Classifier& network, Trainer& trainer) const {
  const std::vector<std::uint64_t> numbers = counters(file_, path_, "position");
  if (numbers.size() != 4) {
    throw FileError(path_, fmt::format("tensor \"position\": expected U64 [4], found U64 [{}]", numbers.size()));
  }
  const Position position{numbers[0], numbers[1], std::bit_cast<double>(numbers[3])};
  constexpr std::uint64_t most = std::uint64_t(1) << 32;  // the epoch's number is a seed of 32 bits
  if (position.epoch >= most || position.step >= most || numbers[2] >= most * most - 1 ||
      !std::isfinite(position.loss_sum)) {
    throw FileError(path_,
                    "tensor \"position\": expected an epoch, a step, a number of steps and the bits of a finite "
                    "sum, found numbers out of bounds");
  }
  copy_weights(file_, path_, network);
  Adam& adam = trainer.adam();
  const Parameters& parameters = network.parameters;
  for (Index i = 0; i < parameters.entries().size(); ++i) {
    const std::string& name = parameters.entries()[i].name;
    copy_finite(file_, path_, "first_moment." + name, parameters.part(adam.first_moments(), i));
    const View squares = parameters.part(adam.second_moments(), i);
    copy_finite(file_, path_, "second_moment." + name, squares);
    for (Index j = 0; j < squares.size(); ++j) {
      if (squares.data[j] >= 0) continue;
      throw FileError(path_,
                      fmt::format("tensor \"second_moment.{}\": expected means of squares, 0 or more, found {} at "
                                  "number {}",
                                  name, squares.data[j], j));
    }
  }
  adam.set_steps(numbers[2]);
  return position;
}

}  // namespace rnn
