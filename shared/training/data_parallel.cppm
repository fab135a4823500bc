module;
#include <functional>
#include <memory>
#include <vector>

/// One batch on many threads, with the same bits for any number of them.
///
/// A batch is cut into shards; how many depends on its size alone. Each shard goes through the whole network, forward
/// and back, on the tape of the thread that took it, and has a gradient of its own; these are added in the order of
/// the shards. A shard is small, so that all its states stay in the core's second-level cache from the forward pass to
/// the backward pass: this makes one thread faster too.
export module rnn.training.data_parallel;

import rnn.autodiff.tape;
import rnn.base.thread_pool;
import rnn.linalg.matrix;

export namespace rnn {

/// Examples first … first + count − 1 of a batch.
struct Shard {
  Index number;
  Index first;
  Index count;
};

class DataParallel {
 public:
  /// Records the loss of a shard on the tape: the sum over its examples divided by the size of the whole batch.
  /// Gradients of parameters are added to `gradients` (1 × everything).
  using Loss = std::function<Var(Tape& tape, const Shard& shard, View gradients)>;

  /// Computes something of a shard on a tape that keeps nothing for a backward pass.
  using Measure = std::function<double(Tape& tape, const Shard& shard)>;

  explicit DataParallel(unsigned threads);

  /// The loss of the batch, and its gradient in `gradients` (1 × everything; what was there is overwritten).
  double gradient(Index examples, View gradients, const Loss& loss);

  /// The sum of measure over the shards, in their order.
  double sum(Index examples, const Measure& measure);

  /// The most examples that a shard has: the states of 28 steps of 100 neurons then fill 560 KB.
  static constexpr Index largest_shard = 50;

  /// How many shards a batch has: a multiple of 4, so that 2 or 4 threads have the same work, and as equal as can be.
  static Index shard_count(Index examples);
  static Shard shard(Index number, Index examples);

 private:
  ThreadPool pool_;
  std::vector<std::unique_ptr<Tape>> recording_, evaluating_;  // one for each thread
  Matrix shard_gradients_;                                     // a row for each shard
  std::vector<double> shard_values_;
};

}  // namespace rnn
