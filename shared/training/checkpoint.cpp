module;
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

module rnn.checkpoint;

import rnn.activation;
import rnn.classifier;
import rnn.matrix;
import rnn.parameters;
import rnn.safetensors;

namespace rnn {

void save_weights(const Classifier& network, const std::filesystem::path& path) {
  TensorFile file;
  file.metadata["activation"] = name(network.shape().activation);
  for (Index i = 0; i < network.parameters.entries().size(); ++i) {
    const ConstView values = network.parameters[i];
    const std::vector<std::uint64_t> shape = values.rows == 1 ? std::vector<std::uint64_t>{values.columns}
                                                              : std::vector<std::uint64_t>{values.rows, values.columns};
    file.tensors.push_back(
        to_tensor(network.parameters.entries()[i].name, std::span(values.data, values.size()), shape));
  }
  write_safetensors(path, file);
}

}  // namespace rnn
