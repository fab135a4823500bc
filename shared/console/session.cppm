module;
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// The files of a training run, and what keeps it from being lost: --checkpoint, --every, --resume, --init, --save, and
/// what ends it before its time: Ctrl-C or SIGTERM.
export module rnn.console.session;

import rnn.console.interruption;
import rnn.console.options;
import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.training.checkpoint;
import rnn.training.trainer;

export namespace rnn {

/// In the order of a program: declared with the options, `adopt_options` before they are used, `begin` before the first
/// step, `after_step` and `after_epoch` on the way, `finish` at the end.
class RunFiles {
 public:
  /// Declares the options. `deciding` are the names of those that, with the data, decide the result; --epochs and
  /// --data are declared elsewhere and known here.
  RunFiles(Options& options, std::vector<std::string> deciding);

  /// With --resume, takes the deciding options from the checkpoint; with --init, the network's shape from the weights.
  /// Throws std::invalid_argument when another value stands on the command line, FileError for a bad file.
  void adopt_options();

  /// With --init, the weights of that file; with --resume, everything. Returns where the training begins; from here on
  /// Ctrl-C and SIGTERM are remembered. Throws FileError, also when the checkpoint was made with other images.
  Position begin(Classifier& network, Trainer& trainer, const Dataset& train);

  /// After a step: writes the checkpoint when it is time. False: the training is to end here.
  bool after_step(const Position& position);
  /// After an epoch, whose results have been printed.
  bool after_epoch(Position& position);

  /// True when somebody wants the training to end.
  bool interrupted() const;
  /// Writes the checkpoint, says on stderr how to go on, and returns the exit status: 130 after Ctrl-C, 143
  /// after SIGTERM.
  int leave(const Position& position);

  /// Writes what --save and --checkpoint ask for after the last epoch.
  void finish(const Position& position);

 private:
  void write_checkpoint(const Position& position);

  Options& options_;
  std::vector<std::string> deciding_;
  Option<std::filesystem::path> checkpoint_, resume_, init_, save_;
  Option<std::size_t> every_;
  std::optional<Checkpoint> from_;
  std::optional<Classifier> weights_;
  Deciding decided_;
  Classifier* network_ = nullptr;
  Trainer* trainer_ = nullptr;
  bool up_to_date_ = false;  // the checkpoint is of the position where we are
  std::unique_ptr<Interruption> interruption_;
};

}  // namespace rnn
