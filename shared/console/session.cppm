module;
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What surrounds a training loop: the files that keep it from being lost, the files that tell about it, progress, and
/// what ends it before its time.
export module rnn.console.session;

import rnn.autodiff.graph;
import rnn.console.interruption;
import rnn.console.options;
import rnn.console.progress;
import rnn.console.training_log;
import rnn.linalg.matrix;
import rnn.training.checkpoint;
import rnn.training.trainer;

export namespace rnn {

/// The training that a session is about.
struct SessionPlan {
  Trainer& trainer;
  Index epochs;                               // in all
  Index steps;                                // of an epoch
  Index batch;                                // examples of a step
  Graph graph = {};                           // of the network, for TensorBoard
  Metadata metadata = {};                     // of the network, for the files of weights
  std::string training_data, test_data = {};  // fingerprints: a run goes on with the data that it began with
  std::string data_folder = {};               // to be typed after --data when the run goes on; empty: nothing
};

/// An option that, with the data, decides the result of a run. A checkpoint holds its value, unless that is the one it
/// had before there was such an option.
struct DecidingOption {
  std::string name;
  std::string unless_stored = "";  // empty: it is always stored
};

/// The session of a training run. It joins a loop in a few lines:
///
///     session.begin({…});
///     for (Index epoch = session.epoch(); epoch < epochs; ++epoch) {
///       for (Index step = session.step(epoch); step < steps; ++step) {
///         const double loss = trainer.step(…);
///         if (!session.after_step(epoch, step, loss)) return session.leave();
///       }
///       …
///       if (!session.after_epoch(epoch, train_accuracy, test_accuracy)) return session.leave();
///     }
///     return session.finish();
class Session {
 public:
  /// Declares --checkpoint, --resume, --init, --save, --every, --logdir, --csv, --plot and --quiet. With --resume,
  /// the deciding options have the checkpoint's values, as
  /// have --data and --epochs, which are declared elsewhere; another value on the command line is an error. `advice` is
  /// what to try when the loss is not finite.
  Session(Options& options, std::vector<DecidingOption> deciding, std::string advice);

  /// The file given by --init, or an empty path.
  inline const std::filesystem::path& init() const { return *init_; }
  inline bool quiet() const { return *quiet_; }

  /// With --resume, puts back parameters, optimizer and position. From here on Ctrl-C, SIGTERM and SIGHUP are
  /// remembered. Throws FileError for a checkpoint of another network or other training data.
  void begin(const SessionPlan& plan);

  /// Where the training begins: the epoch, and in each epoch the first step that is still to be done.
  inline Index epoch() const { return epoch_; }
  inline Index step(Index epoch) const { return epoch == epoch_ ? step_ : 0; }

  /// Step `step` of the epoch is done. False: the training is to end here, with `leave`. Throws ResultError when the
  /// loss is not finite.
  bool after_step(Index epoch, Index step, double loss);

  /// The mean of the losses of this epoch's steps, and the seconds that they took in this run.
  double mean_loss() const;
  double seconds() const;

  /// Prints a line on standard output. Throws std::runtime_error when it cannot be written, after the checkpoint was.
  void print(const std::string& line);

  /// The epoch is over and has these results. False as for after_step.
  bool after_epoch(Index epoch, double train_accuracy, double test_accuracy);

  /// Writes the checkpoint, says on stderr how to go on, and returns the exit status: 128 and the signal's number.
  int leave();

  /// Writes what --save and --checkpoint ask for after the last epoch. Returns the exit status 0.
  int finish();

 private:
  std::map<std::string, std::string> values_of_checkpoint(const std::filesystem::path& path) const;
  std::string kind_of_data() const;
  TrainingHistory resume();
  void require_same_data(const Checkpoint& from) const;
  void take_position(const Checkpoint& from);
  const std::filesystem::path& checkpoint_path() const;
  Index steps_done() const { return epoch_ * plan_->steps + step_; }
  bool interrupted() const;
  void write_checkpoint();
  void save_parameters_somewhere() const;

  Options& options_;
  std::vector<DecidingOption> deciding_;
  std::string advice_;
  Option<std::filesystem::path> checkpoint_, resume_, init_, save_;
  Option<std::size_t> every_;
  Option<std::string> logdir_;
  Option<std::filesystem::path> csv_, plot_;
  Option<bool> quiet_;

  std::optional<SessionPlan> plan_;
  Metadata metadata_;  // of the checkpoint
  Index epoch_ = 0, step_ = 0;
  double loss_sum_ = 0;      // of the epoch's steps
  bool up_to_date_ = false;  // the checkpoint is of where we are
  std::chrono::steady_clock::time_point epoch_begin_;
  std::unique_ptr<TrainingLog> log_;
  std::unique_ptr<Progress> progress_;
  std::unique_ptr<Interruption> interruption_;
};

}  // namespace rnn
