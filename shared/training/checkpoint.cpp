module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

module rnn.training.checkpoint;

import rnn.base.error;
import rnn.base.file;
import rnn.formats.safetensors;
import rnn.linalg.matrix;
import rnn.network.parameters;
import rnn.training.optimizers;

namespace rnn {

namespace {

constexpr std::string_view counter_prefix = "counter.", series_prefix = "series.";

bool all_finite(ConstView a) {
  for (Index i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a.data[i])) return false;
  }
  return true;
}

/// A bias has one axis, whatever its size; everything else has two.
void add(TensorFile& file, const std::string& prefix, const std::string& name, ConstView values) {
  std::vector<std::uint64_t> shape{values.rows, values.columns};
  if (is_bias(name) && values.rows == 1) shape = {values.columns};
  file.tensors.push_back(to_tensor(prefix + name, std::span(values.data, values.size()), shape));
}

TensorFile parameters_in_a_file(const Parameters& parameters, const Metadata& metadata) {
  TensorFile file;
  file.metadata = metadata;
  for (Index i = 0; i < parameters.entries().size(); ++i) {
    const std::string& name = parameters.entries()[i].name;
    if (!all_finite(parameters[i])) {
      throw ResultError("cannot write weights that are not finite: " + name + "; the learning rate is too large");
    }
    add(file, "", name, parameters[i]);
  }
  return file;
}

void copy_finite(const TensorFile& file, const std::filesystem::path& path, const std::string& name, View to) {
  copy(file, path, name, to);
  for (Index i = 0; i < to.size(); ++i) {
    if (std::isfinite(to.data[i])) continue;
    throw FileError(path,
                    fmt::format("tensor \"{}\": expected finite numbers, found {} at number {}", name, to.data[i], i));
  }
}

void copy_squares(const TensorFile& file, const std::filesystem::path& path, const std::string& name, View to) {
  copy_finite(file, path, name, to);
  for (Index i = 0; i < to.size(); ++i) {
    if (to.data[i] >= 0) continue;
    throw FileError(path, fmt::format("tensor \"{}\": expected means of squares, 0 or more, found {} at number {}",
                                      name, to.data[i], i));
  }
}

/// The one number of a counter.
std::uint64_t number_in(const TensorFile& file, const std::filesystem::path& path, const std::string& name) {
  const std::vector<std::uint64_t> numbers = counters(file, path, name);
  if (numbers.size() == 1) return numbers[0];
  throw FileError(path, fmt::format("tensor \"{}\": expected U64 [1], found U64 [{}]", name, numbers.size()));
}

}  // namespace

std::string format_parameters(const Parameters& parameters, const Metadata& metadata) {
  return format_safetensors(parameters_in_a_file(parameters, metadata));
}

void save_parameters(const std::filesystem::path& path, const Parameters& parameters, const Metadata& metadata) {
  replace_file(path, format_parameters(parameters, metadata));
}

void load_parameters(const TensorFile& file, const std::filesystem::path& path, Parameters& parameters) {
  for (Index i = 0; i < parameters.entries().size(); ++i) {
    copy_finite(file, path, parameters.entries()[i].name, parameters[i]);
  }
}

std::string format_checkpoint(const Parameters& parameters, Adam& adam, const Counters& counters, const Series& series,
                              const Metadata& metadata) {
  TensorFile file = parameters_in_a_file(parameters, metadata);
  if (!all_finite(adam.first_moments()) || !all_finite(adam.second_moments())) {
    throw ResultError("cannot write moments that are not finite; the learning rate is too large");
  }
  for (Index i = 0; i < parameters.entries().size(); ++i) {
    const std::string& name = parameters.entries()[i].name;
    add(file, "first_moment.", name, parameters.part(adam.first_moments(), i));
    add(file, "second_moment.", name, parameters.part(adam.second_moments(), i));
  }
  const auto add_number = [&](const std::string& name, std::uint64_t number) {
    file.tensors.push_back(to_tensor(name, std::span(&number, 1)));
  };
  add_number("adam_steps", adam.steps());
  for (const auto& [name, number] : counters) add_number(std::string(counter_prefix) + name, number);
  for (const auto& [name, numbers] : series) {
    std::string bytes(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(double));
    file.tensors.push_back({std::string(series_prefix) + name, "F64", {numbers.size()}, std::move(bytes)});
  }
  return format_safetensors(file, Checksum::yes);
}

void save_checkpoint(const std::filesystem::path& path, const Parameters& parameters, Adam& adam,
                     const Counters& counters, const Series& series, const Metadata& metadata) {
  replace_file(path, format_checkpoint(parameters, adam, counters, series, metadata));
}

Checkpoint::Checkpoint(const std::filesystem::path& path) : path_(path), file_(read_safetensors(path)) {
  if (file_.find("position")) {  // the first form of checkpoints
    const std::vector<std::uint64_t> numbers = rnn::counters(file_, path_, "position");
    if (numbers.size() != 4) {
      throw FileError(path_, fmt::format("tensor \"position\": expected U64 [4], found U64 [{}]", numbers.size()));
    }
    counters_ = {{"epoch", numbers[0]}, {"step", numbers[1]}, {"loss_sum", numbers[3]}};
    adam_steps_ = numbers[2];
  } else if (file_.find("adam_steps")) {
    adam_steps_ = number_in(file_, path_, "adam_steps");
    for (const Tensor& tensor : file_.tensors) {
      if (!tensor.name.starts_with(counter_prefix)) continue;
      counters_[tensor.name.substr(counter_prefix.size())] = number_in(file_, path_, tensor.name);
    }
  } else {
    throw FileError(path_, "expected a checkpoint, found no tensor \"adam_steps\": these are weights alone");
  }
  constexpr std::uint64_t most = std::uint64_t(1) << 62;
  if (adam_steps_ >= most) throw FileError(path_, fmt::format("expected a number of steps, found {}", adam_steps_));
}

const std::string& Checkpoint::metadata(const std::string& name) const {
  const auto found = file_.metadata.find(name);
  if (found == file_.metadata.end()) throw FileError(path_, "metadata: expected the key " + name + ", found none");
  return found->second;
}

bool Checkpoint::has_metadata(const std::string& name) const { return file_.metadata.contains(name); }

std::uint64_t Checkpoint::counter(const std::string& name) const {
  const auto found = counters_.find(name);
  if (found == counters_.end()) throw FileError(path_, "expected a tensor \"counter." + name + "\", found none");
  return found->second;
}

bool Checkpoint::has_counter(const std::string& name) const { return counters_.contains(name); }

std::vector<double> Checkpoint::series(const std::string& name) const {
  const Tensor* tensor = file_.find(std::string(series_prefix) + name);
  if (!tensor) return {};
  if (tensor->dtype != "F64" || tensor->shape.size() != 1) {
    throw FileError(path_, fmt::format("tensor \"{}\": expected F64 with one axis, found {} [{}]", tensor->name,
                                       tensor->dtype, fmt::join(tensor->shape, ", ")));
  }
  std::vector<double> numbers(tensor->bytes.size() / sizeof(double));
  if (!numbers.empty()) std::memcpy(numbers.data(), tensor->bytes.data(), numbers.size() * sizeof(double));
  return numbers;
}

void Checkpoint::restore(Parameters& parameters, Adam& adam) const {
  load_parameters(file_, path_, parameters);
  for (Index i = 0; i < parameters.entries().size(); ++i) {
    const std::string& name = parameters.entries()[i].name;
    copy_finite(file_, path_, "first_moment." + name, parameters.part(adam.first_moments(), i));
    copy_squares(file_, path_, "second_moment." + name, parameters.part(adam.second_moments(), i));
  }
  adam.set_steps(adam_steps_);
}

}  // namespace rnn
