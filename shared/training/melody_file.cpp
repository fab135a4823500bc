module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

module rnn.training.melody_file;

import rnn.base.error;
import rnn.data.event_vocabulary;
import rnn.formats.safetensors;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.melody_network;
import rnn.network.parameters;
import rnn.training.checkpoint;

namespace rnn {

Metadata metadata_of(const MelodyNetwork& network, const EventVocabulary& vocabulary) {
  return {{"cell", network.shape().cell}, {"vocabulary", vocabulary.text()}};
}

namespace {

const std::string& in_metadata(const TensorFile& file, const std::string& name, const std::filesystem::path& path) {
  const auto found = file.metadata.find(name);
  if (found != file.metadata.end()) return found->second;
  throw FileError(path,
                  fmt::format("metadata: expected \"{}\", as networks that predict notes have it, found none", name));
}

std::string cell_in(const TensorFile& file, const std::filesystem::path& path) {
  const std::string wanted = in_metadata(file, "cell", path);
  const std::vector<std::string> names = cell_names();
  if (std::ranges::find(names, wanted) != names.end()) return wanted;
  throw FileError(path, fmt::format("cell: expected {}, found \"{:.60}\"", fmt::join(names, " or "), wanted));
}

EventVocabulary vocabulary_in(const TensorFile& file, const std::filesystem::path& path) {
  try {
    return EventVocabulary(in_metadata(file, "vocabulary", path));
  } catch (const std::invalid_argument& error) {
    throw FileError(path, std::string("metadata: vocabulary: ") + error.what());
  }
}

std::vector<std::uint64_t> shape_of(const TensorFile& file, const std::string& name,
                                    const std::filesystem::path& path) {
  const Tensor* tensor = file.find(name);
  if (!tensor) throw FileError(path, fmt::format("expected a tensor \"{}\", found none", name));
  return tensor->shape;
}

std::uint64_t axis_of(const TensorFile& file, const std::string& name, std::size_t axis,
                      const std::filesystem::path& path) {
  const std::vector<std::uint64_t> shape = shape_of(file, name, path);
  if (shape.size() == 2 && shape[0] > 0 && shape[1] > 0) return shape[axis];
  throw FileError(path, fmt::format("tensor \"{}\": expected a shape of rows and columns, found [{}]", name,
                                    fmt::join(shape, ", ")));
}

}  // namespace

// Nothing of the network's size is allocated before the shapes are known to fit the tensors that the file really holds.
MelodyFileShape melody_shape(const TensorFile& file, const std::filesystem::path& path) {
  MelodyFileShape result;
  result.vocabulary = vocabulary_in(file, path);
  result.shape = {.pitches = result.vocabulary.pitches(),
                  .durations = result.vocabulary.durations(),
                  .places = result.vocabulary.places(),
                  .hidden = axis_of(file, "w_y", 0, path),
                  .embedding = axis_of(file, "pitch_embedding", 1, path),
                  .cell = cell_in(file, path)};
  for (const auto& [name, rows, columns] : MelodyNetwork::parameters_of(result.shape)) {
    const std::vector<std::uint64_t> found = shape_of(file, name, path);
    const bool fits = is_bias(name) ? found == std::vector<std::uint64_t>{columns}
                                    : found == std::vector<std::uint64_t>{rows, columns};
    if (fits) continue;
    throw FileError(
        path, fmt::format("tensor \"{}\": expected {} x {} for {} neurons ({}) and this vocabulary, found [{}]", name,
                          rows, columns, result.shape.hidden, result.shape.cell, fmt::join(found, ", ")));
  }
  return result;
}

SavedMelodyNetwork to_melody_network(const TensorFile& file, const std::filesystem::path& path) {
  auto [vocabulary, shape] = melody_shape(file, path);
  SavedMelodyNetwork result{std::move(vocabulary), MelodyNetwork(shape)};
  load_parameters(file, path, result.network.parameters);
  return result;
}

SavedMelodyNetwork load_melody_network(const std::filesystem::path& path) {
  return to_melody_network(read_safetensors(path), path);
}

}  // namespace rnn
