/// A classifier in a file of weights: the tensors of its cell, w_out (n, classes) and b_out (classes); as metadata the
/// activation ("tanh" where there is none), the cell ("rnn" where there is none) and how it reads images: "pixels"
/// ("true", or "false" as where there is none) and "shrink" (1 where there is none).
export module rnn.training.classifier_file;

import rnn.base.std;
import rnn.formats.safetensors;
import rnn.network.classifier;
import rnn.training.checkpoint;

export namespace rnn {

/// The metadata that describe a classifier in its file.
Metadata metadata_of(const Classifier& network);

/// Writes the weights. Throws as save_parameters does.
void save_classifier(const std::filesystem::path& path, const Classifier& network);

/// The network in a file of weights or a checkpoint, whoever wrote it. Throws FileError, one line, unless all weights
/// are there, their shapes fit together and every number is finite.
Classifier load_classifier(const std::filesystem::path& path);

/// The same from a file that has been read; `path` stands for it in messages.
Classifier to_classifier(const TensorFile& file, const std::filesystem::path& path);

/// Only the network's shape.
ClassifierShape classifier_shape(const TensorFile& file, const std::filesystem::path& path);

}  // namespace rnn
