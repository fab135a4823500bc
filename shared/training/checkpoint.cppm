module;
#include <filesystem>

/// A network's weights in a file.
export module rnn.checkpoint;

import rnn.classifier;

export namespace rnn {

/// Writes the parameters as safetensors: w_x (inputs, n), w_y (n, n), b (n), w_out (n, classes), b_out (classes), and
/// the activation as metadata. The bytes depend on the network alone. Throws FileError when the file cannot be written.
void save_weights(const Classifier& network, const std::filesystem::path& path);

}  // namespace rnn
