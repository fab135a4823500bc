/// What surrounds a training loop: checkpoints, logs, progress, and whatever ends the run early.
export module rnn.console.session;

import rnn.autodiff.graph;
import rnn.base.function_ref;
import rnn.base.std;
import rnn.console.interruption;
import rnn.console.options;
import rnn.console.output;
import rnn.console.progress;
import rnn.console.training_log;
import rnn.formats.safetensors;
import rnn.linalg.matrix;
import rnn.network.parameters;
import rnn.training.checkpoint;
import rnn.training.trainer;

export namespace rnn {

/// What is being trained, and on what.
struct SessionPlan {
  Trainer& trainer;
  Index epochs;                               // in all
  Index steps;                                // per epoch
  Index batch;                                // examples per step
  Graph graph = {};                           // of the network, for TensorBoard
  Metadata metadata = {};                     // of the network, for the files of weights
  std::string training_data, test_data = {};  // fingerprints: a run is resumed with the data that it began with
  std::string data_folder = {};               // what to type after --data to resume the run; empty: nothing
  std::string examples = "images";            // what the data are, for messages
  ResultNames results = {};                   // what after_epoch is told
  bool one_update = true;                     // false: a step is several steps of the optimizer
  Parameters* best = nullptr;                 // what --save writes and the checkpoint keeps; null: the latest weights
};

/// An option that affects the result of a run. A checkpoint stores its value, unless that is `unless_stored`: what
/// checkpoints from before the option existed stand for.
struct DecidingOption {
  std::string name;
  std::string unless_stored = "";  // empty: always stored
};

/// Data that the program can make itself: the value of --data for it, and what else that option may name.
struct BuiltInData {
  std::string name = "digits", others = "MNIST's folder";
};

/// The session of a training run. When several processes work together, each has one: rank 0's reads, writes and
/// decides when the run ends, and the others follow it. A loop uses it in a few lines:
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
  /// Declares --checkpoint, --resume, --init, --save, --every, --logdir, --csv, --plot and --quiet. With --resume, the
  /// deciding options take the checkpoint's values, and so do --data and --epochs, which are declared elsewhere; a
  /// different value on the command line is an error. `advice` is what to try when the loss is not finite.
  Session(Options& options, std::vector<DecidingOption> deciding, std::string advice, BuiltInData built_in = {});

  /// With --init or --resume, options about the network take the values that the file's weights have: `values` tells
  /// them, by option, and throws FileError for weights of another kind.
  void take_options_from_weights(
      std::function<std::map<std::string, std::string>(const TensorFile&, const std::filesystem::path&)> values);

  /// The file given by --init, or an empty path, and what is in it: it may be a pipe, so it is read once.
  inline const std::filesystem::path& init() const { return *init_; }
  inline const TensorFile& init_weights() const { return init_weights_; }
  inline bool quiet() const { return *quiet_; }

  /// With --resume, restores parameters, optimizer and position, and says on stderr what has changed since. From here
  /// on Ctrl-C, SIGTERM and SIGHUP are remembered rather than fatal, and if a file can no longer be written, the
  /// weights are saved in a place that works; the error names it. Throws FileError for a checkpoint of another network
  /// or of other training data.
  void begin(const SessionPlan& plan);

  /// Where the training begins: the epoch, and in each epoch the first step still to be done.
  inline Index epoch() const { return epoch_; }
  inline Index step(Index epoch) const { return epoch == epoch_ ? step_ : 0; }

  /// Step `step` of the epoch is done. False: the training is to end here, with `leave`. Throws ResultError when the
  /// loss is not finite.
  bool after_step(Index epoch, Index step, double loss);

  /// The mean loss of this epoch's steps, and the seconds that they took in this run.
  double mean_loss() const;
  double seconds() const;

  /// The second result of each epoch so far; those of epochs before a resumed checkpoint may be missing.
  std::vector<double> test_results() const;

  /// Prints a line on standard output. If that fails, the training ends with this epoch.
  void print(const std::string& line);

  /// The epoch is over and has these results. False as for after_step.
  bool after_epoch(Index epoch, double train_result, double test_result);

  /// Writes the checkpoint, says on stderr how to go on, and returns the exit status: 128 and the signal's number.
  /// Throws std::runtime_error when the reason is not a signal but a failed write to standard output.
  int leave();

  /// Writes what --save and --checkpoint ask for after the last epoch. Returns the exit status: 0, or that of `leave`
  /// when a signal came too late to stop anything. Throws std::runtime_error when something could not be written.
  int finish();

 private:
  std::map<std::string, std::string> values_of_checkpoint(const std::filesystem::path& path);
  std::string kind_of_data() const;
  TrainingHistory resume(const Checkpoint& from);
  void require_same_data(const Checkpoint& from) const;
  void take_best(const Checkpoint& from);
  void take_position(const Checkpoint& from);
  void choose_checkpoint();
  Index steps_done() const { return epoch_ * plan_->steps + step_; }
  void begin_on_all_ranks();
  void require_same_weights() const;
  bool goes_on(bool unless_asked_to_end) const;
  void write_files(FunctionRef<void()> write);
  std::string checkpoint_bytes() const;
  void write_checkpoint_on_the_way();
  void write_checkpoint();
  void save_weights() const;
  std::filesystem::path keep();
  [[noreturn]] void give_up();
  std::string how_to_go_on(const std::filesystem::path& from) const;

  Options& options_;
  std::vector<DecidingOption> deciding_;
  std::string advice_;
  BuiltInData built_in_;
  Option<std::filesystem::path> checkpoint_, resume_, init_, save_;
  Option<std::size_t> every_;
  Option<std::filesystem::path> logdir_, csv_, plot_;
  Option<bool> quiet_;
  TensorFile init_weights_;

  std::unique_ptr<Checkpoint> from_;  // what is being resumed, until `begin` has done so
  std::optional<SessionPlan> plan_;
  Metadata metadata_;                // of the checkpoint
  std::filesystem::path kept_file_;  // where the checkpoint is written; empty: nowhere
  Index epoch_ = 0, step_ = 0;
  std::vector<double> test_results_;           // of all epochs so far
  double loss_sum_ = 0;                        // of the epoch's steps
  Index steps_made_ = 0;                       // since the program began
  bool due_ = false;                           // --every wants a checkpoint
  bool up_to_date_ = false;                    // the checkpoint has the current position
  std::string file_problem_, output_problem_;  // what could not be written
  std::chrono::steady_clock::time_point epoch_begin_;
  std::unique_ptr<TrainingLog> log_;
  std::unique_ptr<Progress> progress_;
  std::unique_ptr<Interruption> interruption_;
  std::unique_ptr<PatientOutput> output_;
};

}  // namespace rnn
