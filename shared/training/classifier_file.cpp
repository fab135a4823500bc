module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

module rnn.training.classifier_file;

import rnn.base.error;
import rnn.base.text;
import rnn.data.images;
import rnn.formats.safetensors;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.classifier;
import rnn.network.parameters;
import rnn.training.checkpoint;

namespace rnn {

Metadata metadata_of(const Classifier& network) {
  Metadata metadata{{"activation", name(network.shape().activation)}};
  if (network.shape().cell != cell_kinds()[0].name) metadata["cell"] = network.shape().cell;
  const ImageSteps& steps = network.shape().steps;
  if (steps.pixels) metadata["pixels"] = "true";
  if (steps.shrink != 1) metadata["shrink"] = std::to_string(steps.shrink);
  return metadata;
}

void save_classifier(const std::filesystem::path& path, const Classifier& network) {
  save_parameters(path, network.parameters, metadata_of(network));
}

namespace {

constexpr Index most_shrink = 1000;

std::string in_metadata(const TensorFile& file, const std::string& name, const std::string& unless_given) {
  const auto found = file.metadata.find(name);
  return found == file.metadata.end() ? unless_given : found->second;
}

const CellKind& cell_in(const TensorFile& file, const std::filesystem::path& path) {
  const std::string wanted = in_metadata(file, "cell", cell_kinds()[0].name);
  std::vector<std::string> names;
  for (const CellKind& kind : cell_kinds()) {
    if (wanted == kind.name) return kind;
    names.push_back(kind.name);
  }
  throw FileError(path, fmt::format("cell: expected {}, found \"{:.60}\"", fmt::join(names, " or "), wanted));
}

Activation activation_in(const TensorFile& file, const CellKind& kind, const std::filesystem::path& path) {
  const std::string activation = in_metadata(file, "activation", "tanh");
  const bool basic = &kind == &cell_kinds()[0];
  if (activation == "tanh") return Activation::tanh;
  if (activation == "relu" && basic) return Activation::relu;
  throw FileError(path,
                  fmt::format("activation: expected tanh{}, found \"{:.60}\"", basic ? " or relu" : "", activation));
}

/// A whole number that an image's side may be divided by.
Index shrink_in(const TensorFile& file, const std::filesystem::path& path) {
  const std::string text = in_metadata(file, "shrink", "1");
  const std::optional<Index> shrink = parse_number<Index>(text);
  if (shrink && *shrink >= 1 && *shrink <= most_shrink) return *shrink;
  throw FileError(path,
                  fmt::format("shrink: expected a whole number from 1 to {}, found \"{:.60}\"", most_shrink, text));
}

ImageSteps steps_in(const TensorFile& file, const std::filesystem::path& path) {
  const std::string pixels = in_metadata(file, "pixels", "false");
  if (pixels == "true" || pixels == "false") return {pixels == "true", shrink_in(file, path)};
  throw FileError(path, fmt::format("pixels: expected true or false, found \"{:.60}\"", pixels));
}

/// Rows and columns of a tensor; one axis is a single row.
struct Size {
  std::uint64_t rows, columns;
};
Size size_of(const TensorFile& file, const std::string& name, const std::filesystem::path& path) {
  const Tensor* tensor = file.find(name);
  if (!tensor) throw FileError(path, fmt::format("expected a tensor \"{}\", found none", name));
  const std::vector<std::uint64_t>& shape = tensor->shape;
  if (shape.empty() || shape.size() > 2 || std::ranges::count(shape, 0u) > 0) {
    throw FileError(path, fmt::format("tensor \"{}\": expected a shape of rows and columns, found [{}]", name,
                                      fmt::join(shape, ", ")));
  }
  return {shape.size() == 1 ? 1 : shape[0], shape.back()};
}

}  // namespace

// Nothing of the network's size is allocated before the shapes are known to fit the tensors that the file really holds.
ClassifierShape classifier_shape(const TensorFile& file, const std::filesystem::path& path) {
  const CellKind& kind = cell_in(file, path);
  const ClassifierShape shape{.inputs = size_of(file, "w_x", path).rows,
                              .hidden = size_of(file, "w_y", path).rows,
                              .classes = size_of(file, "w_out", path).columns,
                              .activation = activation_in(file, kind, path),
                              .cell = kind.name,
                              .steps = steps_in(file, path)};
  if (shape.steps.pixels && shape.inputs != 1) {
    throw FileError(path, fmt::format("pixels: expected a network of 1 input, found {}", shape.inputs));
  }
  std::vector<CellParameter> parameters = kind.parameters(shape.inputs, shape.hidden);
  parameters.insert(parameters.end(), {{"w_out", shape.hidden, shape.classes}, {"b_out", 1, shape.classes}});
  for (const auto& [name, rows, columns] : parameters) {
    const Size found = size_of(file, name, path);
    if (found.rows == rows && found.columns == columns) continue;
    throw FileError(path,
                    fmt::format("tensor \"{}\": expected {} x {} for {} inputs, {} neurons ({}) and {} classes, found "
                                "{} x {}",
                                name, rows, columns, shape.inputs, shape.hidden, kind.name, shape.classes, found.rows,
                                found.columns));
  }
  return shape;
}

Classifier to_classifier(const TensorFile& file, const std::filesystem::path& path) {
  Classifier network(classifier_shape(file, path));
  load_parameters(file, path, network.parameters);
  return network;
}

Classifier load_classifier(const std::filesystem::path& path) { return to_classifier(read_safetensors(path), path); }

}  // namespace rnn
