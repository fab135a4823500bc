module;
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

/// Training a classifier: batches, the step of the optimizer, accuracy.
export module rnn.training.trainer;

import rnn.autodiff.tape;
import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.training.data_parallel;
import rnn.training.optimizers;

export namespace rnn {

struct TrainerOptions {
  Index batch = 1000;
  AdamOptions adam = {};
  Real keep = 1;                       // dropout on the cell's input
  bool dropout_in_evaluation = false;  // as the notebook ran it
  bool shuffle = true;
  std::uint32_t seed = 1;
  unsigned threads = 1;
};

/// What a shard of a batch consists of.
struct Tile {
  SequenceVar x;                  // (T × examples × inputs)
  std::span<const Index> labels;  // one for each example
  std::span<const Index> lengths = {};
};

/// Puts the examples of a shard on a tape.
using TileSource = std::function<Tile(Tape& tape, const Shard& shard)>;

/// How far a training has come.
struct Position {
  Index epoch = 0;
  Index step = 0;       // of this epoch: how many are done
  double loss_sum = 0;  // of their losses
};

/// The classifier must outlive the trainer. The results depend on the options but not on the number of threads.
class Trainer {
 public:
  Trainer(Classifier& classifier, const TrainerOptions& options);

  /// One pass over the data in the order of this epoch, image rows as time steps; what is left after the last full
  /// batch is not used. Returns the mean of the batches' losses. `after_step` is told how many steps are done and the
  /// loss of the last; when it returns false the epoch ends there. Throws ResultError at a loss that is not finite.
  double train_epoch(const Dataset& data, Index epoch,
                     const std::function<bool(Index step, double loss)>& after_step = {});
  /// The same from any position on, which moves along: to go on from there gives the same bits as never to have
  /// stopped.
  double train_epoch(const Dataset& data, Position& position,
                     const std::function<bool(Index step, double loss)>& after_step = {});

  /// Steps of an epoch. Throws std::invalid_argument when there is not even one full batch.
  Index steps(const Dataset& data) const;

  /// The share of the data whose digit gets the largest logit.
  double accuracy(const Dataset& data, Index epoch = 0);

  /// One step of the optimizer on a batch from anywhere: returns its loss, before the step.
  double step(Index examples, const TileSource& tile, std::uint64_t dropout_seed = 0);

  inline Adam& adam() { return adam_; }
  /// The gradient of the last step, (1 × everything).
  inline ConstView gradients() const { return gradients_; }

 private:
  void require_finite(double loss, const Position& position) const;

  Classifier& classifier_;
  TrainerOptions options_;
  DataParallel parallel_;
  Adam adam_;
  Matrix gradients_;
  std::vector<std::uint32_t> order_;
};

}  // namespace rnn
