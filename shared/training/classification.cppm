/// Learning to classify images: batches, dropout, the loss of a shard, accuracy. What chapter 06's loop is made of.
export module rnn.training.classification;

import rnn.autodiff.tape;
import rnn.base.std;
import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.training.shards;
import rnn.training.trainer;

export namespace rnn {

struct ClassificationOptions {
  Index batch = 1000;
  Real keep = 1;                       // dropout on the cell's input
  bool dropout_in_evaluation = false;  // as in the notebook
  bool shuffle = true;
  std::uint32_t seed = 1;  // for the order of the examples and for dropout
};

/// A network that learns from a data set. Both must outlive it. Every random number is derived from the seed and the
/// numbers of the epoch, the step and the shard, so nothing has to be remembered from one step to the next.
class Classification {
 public:
  /// Throws std::invalid_argument when there is not even one full batch.
  Classification(const Classifier& network, const Dataset& data, const ClassificationOptions& options);

  /// Steps in an epoch: full batches; the remainder is not used.
  inline Index steps() const { return data_.size() / options_.batch; }

  /// The order of the examples in an epoch.
  std::vector<std::uint32_t> order(Index epoch) const;

  /// The examples of a step, by their positions in the data set.
  std::span<const std::uint32_t> batch(std::span<const std::uint32_t> order, Index step) const;

  /// The seed of a step's dropout masks, which differ from those of all other steps.
  std::uint64_t dropout_seed(Index epoch, Index step) const;

  /// The loss of a shard of a batch, recorded on the tape; gradients of parameters are added to `gradients`.
  Var loss(Tape& tape, std::span<const std::uint32_t> batch, const Shard& shard, std::uint64_t dropout_seed,
           View gradients) const;

  /// Runs all steps of an epoch, for callers with nothing to do in between. Returns the mean of their losses.
  double train_epoch(Trainer& trainer, Index epoch) const;

  /// The share of the examples whose label has the largest logit. The epoch matters only for dropout in evaluation.
  double accuracy(const Dataset& data, ShardSum& shards, Index epoch = 0) const;

 private:
  const Classifier& network_;
  const Dataset& data_;
  ClassificationOptions options_;
};

}  // namespace rnn
