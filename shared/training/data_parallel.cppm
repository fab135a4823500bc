module;
#include <memory>
#include <vector>

/// One batch on the threads of this process.
///
/// Each shard goes through the whole network, forward and backward, on the tape of the thread that took it, and has a
/// gradient of its own; these are added in the order of the shards. A shard is small, so that all its states stay in
/// the core's second-level cache from the forward pass to the backward pass: this makes one thread faster too.
export module rnn.training.data_parallel;

import rnn.autodiff.tape;
import rnn.base.thread_pool;
import rnn.linalg.matrix;
import rnn.training.shards;

export namespace rnn {

class DataParallel final : public ShardSum {
 public:
  explicit DataParallel(unsigned threads);

  double gradient(Index examples, View gradients, Loss loss) override;
  double sum(Index examples, Measure measure) override;

 private:
  ThreadPool pool_;
  std::vector<std::unique_ptr<Tape>> recording_, evaluating_;  // one for each thread
  Matrix shard_gradients_;                                     // a row for each shard
  std::vector<double> shard_values_;
};

}  // namespace rnn
