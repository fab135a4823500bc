module;
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

/// What is kept of a training run, for other programs: told of each step and epoch, it writes files.
export module rnn.console.training_log;

import rnn.formats.svg;
import rnn.formats.tensorboard;
import rnn.linalg.matrix;
import rnn.network.classifier;

export namespace rnn {

/// Where to write; an empty path is not written.
struct LogFiles {
  std::filesystem::path logdir;  ///< a folder for TensorBoard
  std::filesystem::path csv;     ///< epoch,step,loss,mean_loss,train_accuracy,test_accuracy
  std::filesystem::path plot;    ///< the curves as SVG
};

/// What an epoch came to.
struct EpochResult {
  Index epoch;
  double loss;  // mean of the batches'
  double train_accuracy;
  double test_accuracy;
};

/// The files are up to date after each epoch. The CSV file has a line for each step; that of an epoch's last step has
/// the epoch's results too. It and the drawing hold no times: the same run writes the same bytes.
class TrainingLog {
 public:
  /// Begins the event file, with the network's graph for one example of `time_steps`. The classifier must outlive this.
  /// Throws FileError when it cannot be written, as the others do.
  TrainingLog(LogFiles files, const Classifier& classifier, Index time_steps);

  /// The loss of a step of the optimizer, counted from 1 over all epochs.
  void step(Index epoch, Index step, double loss);

  /// The epoch is over. `gradients` are those of its last step, (1 × everything).
  void epoch(const EpochResult& result, ConstView gradients);

 private:
  void draw() const;

  LogFiles files_;
  const Classifier& classifier_;
  std::unique_ptr<EventWriter> events_;
  std::string csv_, unfinished_line_;
  Index last_step_ = 0;
  Curve step_losses_{"each step", {}, {}}, mean_losses_{"mean of the epoch", {}, {}};
  Curve train_{"training", {}, {}}, test_{"test", {}, {}};
};

}  // namespace rnn
