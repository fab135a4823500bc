module;
#include <filesystem>
#include <map>
#include <string>

/// A network in a file: its weights alone, or all that training needs to go on as if it had never stopped.
///
/// Weights are the tensors w_x (inputs, n), w_y (n, n), b (n), w_out (n, classes), b_out (classes), and the activation
/// as metadata ("tanh" where there is none). A checkpoint has besides, for each weight NAME, Adam's moments
/// "first_moment.NAME" and "second_moment.NAME"; the counters "position" = (epoch, steps done in it, Adam's steps, the
/// bits of the sum of the epoch's losses as a double); and as metadata the options that decide the result. These, with
/// the seed, are the state of every random number too: each is derived from (seed, epoch, step).
export module rnn.training.checkpoint;

import rnn.formats.safetensors;
import rnn.network.classifier;
import rnn.training.trainer;

export namespace rnn {

/// Writes the weights. The bytes depend on the network alone. Throws FileError when the file cannot be written, and
/// ResultError when a weight is not finite.
void save_weights(const Classifier& network, const std::filesystem::path& path);

/// The network in a file of weights or a checkpoint, whoever wrote it. Throws FileError, one line, unless all five
/// weights are there, their shapes fit together and every number is finite.
Classifier load_network(const std::filesystem::path& path);

/// What decides the result of a training: the names of options, and their values.
using Deciding = std::map<std::string, std::string>;

/// Writes a checkpoint; a crash leaves the old one or the new one. Throws as save_weights does.
void save_checkpoint(const std::filesystem::path& path, const Classifier& network, Trainer& trainer,
                     const Position& position, const Deciding& options);

/// A checkpoint that has been read.
class Checkpoint {
 public:
  /// Throws FileError when the file is something else.
  explicit Checkpoint(const std::filesystem::path& path);

  /// The value of an option. Throws FileError when it is not there.
  const std::string& option(const std::string& name) const;

  /// Puts everything back and returns the position. Throws FileError when the file's arrays are not those of the
  /// network.
  Position restore(Classifier& network, Trainer& trainer) const;

 private:
  std::filesystem::path path_;
  TensorFile file_;
};

}  // namespace rnn
