/// Gradient descent for anything that has parameters and a loss.
export module rnn.training.trainer;

import rnn.base.std;
import rnn.linalg.matrix;
import rnn.network.parameters;
import rnn.training.optimizers;
import rnn.training.shards;

export namespace rnn {

struct TrainerOptions {
  AdamOptions adam = {};
  Real max_norm = std::numeric_limits<Real>::infinity();  // of the gradient of a step; infinity does not clip
  unsigned threads = 1;                                   // changes the speed, not the result
};

/// Trains parameters with a function from a shard of a batch to its loss. It knows neither the network nor its data.
class Trainer {
 public:
  /// The parameters must outlive the trainer. `sum` adds up the shards; null means on threads of the processes that
  /// work together: see rnn.training.chain.
  Trainer(Parameters& parameters, const TrainerOptions& options, std::unique_ptr<ShardSum> sum = nullptr);

  /// Takes one step of the optimizer on a batch; returns the batch's loss before the step. If the loss is not finite,
  /// the parameters stay as they are. `rows` are what `loss` leaves behind, as in ShardSum::gradient.
  double step(Index examples, ShardSum::Loss loss, View rows = {});

  inline ShardSum& shards() { return *sum_; }
  inline Parameters& parameters() { return parameters_; }
  inline Adam& adam() { return adam_; }
  /// The gradient of the last step, (1 × everything), after clipping.
  inline ConstView gradients() const { return gradients_; }

 private:
  Parameters& parameters_;
  TrainerOptions options_;
  std::unique_ptr<ShardSum> sum_;
  Adam adam_;
  Matrix gradients_;
};

}  // namespace rnn
