/// A record of a training run for other programs: it is informed of each step and epoch, and writes files.
export module rnn.console.training_log;

import rnn.autodiff.graph;
import rnn.base.std;
import rnn.formats.csv;
import rnn.formats.tensorboard;
import rnn.linalg.matrix;
import rnn.network.parameters;

export namespace rnn {

/// What is measured after each epoch, once on what was trained on and once on other examples: the words that the table,
/// the drawing and TensorBoard call it by.
struct ResultNames {
  std::string result = "accuracy", train = "train", test = "test";
};

/// Where to write; an empty path is not written.
struct LogFiles {
  std::filesystem::path logdir;  ///< a folder for TensorBoard
  std::filesystem::path csv;     ///< epoch,step,loss,mean_loss,train_accuracy,test_accuracy
  std::filesystem::path plot;    ///< the curves as SVG
  ResultNames names = {};
};

/// A run so far: all that the table and the drawing are made of.
struct TrainingHistory {
  Index steps_per_epoch = 1;
  Index before = 0, epochs_before = 0;   // steps and epochs of which nothing is known
  std::vector<double> losses = {};       // of the steps after these
  std::vector<double> mean_losses = {};  // of the epochs after these that are over
  std::vector<double> train_accuracy = {};
  std::vector<double> test_accuracy = {};

  inline Index steps() const { return before + losses.size(); }
};

/// The table has a row for each step; the row of an epoch's last step has the epoch's results too. Table and drawing
/// hold no times, so the same run writes the same bytes, interrupted or not. In the event files, everything is placed
/// at the number of steps done.
class TrainingLog {
 public:
  /// Goes on from a history, which is written again. TensorBoard is told to forget what it has of later steps, and
  /// everything that its folder held if this is the beginning of a run. Throws FileError when a file cannot be written,
  /// as do the others.
  TrainingLog(LogFiles files, const Graph& graph, TrainingHistory history);

  /// The next step of the optimizer is done.
  void step(double loss);

  /// An epoch is over. `gradients` are those of its last step, (1 × everything), or empty when they are not known.
  void epoch(double mean_loss, double train_accuracy, double test_accuracy, const Parameters& parameters,
             ConstView gradients);

  /// Brings table and drawing up to date.
  void close();

  inline const TrainingHistory& history() const { return history_; }

 private:
  std::vector<std::string> rows(Index end);
  std::string row(Index step) const;
  bool has_results(Index step) const;
  bool waits_for_results() const;
  void begin_events(const Graph& graph);
  void write_epoch(Index epoch) const;
  void draw();

  LogFiles files_;
  TrainingHistory history_;
  std::unique_ptr<EventWriter> events_;
  std::unique_ptr<CsvTable> csv_;
  Index written_;       // steps in the table
  bool draws_once_;     // at the end: there is no second drawing in a pipe
  Index drawn_at_ = 0;  // steps in the drawing
};

}  // namespace rnn
