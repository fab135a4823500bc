/// One batch on the threads of this process.
///
/// Each shard goes through the whole network, forward and backward, on the tape of the thread that took it, and has a
/// gradient of its own; these are added in the order of the shards. A shard is small, so that all its states stay in
/// the core's second-level cache from the forward pass to the backward pass: this makes one thread faster too.
export module rnn.training.data_parallel;

import rnn.autodiff.tape;
import rnn.base.std;
import rnn.base.thread_pool;
import rnn.linalg.matrix;
import rnn.training.shards;

export namespace rnn {

/// Shards whose gradients are held at a time.
constexpr Index most_gradients = 64;

class DataParallel final : public ShardSum {
 public:
  explicit DataParallel(unsigned threads);

  double gradient(Index examples, View gradients, Loss loss, View rows) override;
  void sums(Index examples, Measures measure, std::span<double> sums) override;

  // The steps of gradient() and sums(), for a caller that wants only some of a batch's shards computed here. At most
  // most_gradients shards are computed in one round, so that a very large batch does not fill the memory.

  /// A new batch: what the tapes kept of the last one is out of date.
  void begin_gradient();
  void begin_sums();
  /// Computes the gradients of `count` shards from number `first`, each with as many numbers as `columns`. Returns
  /// their losses.
  std::span<const double> compute(Index examples, Index first, Index count, Index columns, Loss loss);
  /// Adds the columns of these gradients from `begin` on to `part`, in the order of the shards.
  void add_computed(Index begin, View part);
  /// Measures `count` shards from number `first` …
  void measure(Index examples, Index first, Index count, Measures measure, Index numbers);
  /// … and adds what was measured to `sums`, in the order of the shards.
  void add_measured(std::span<double> sums) const;

 private:
  ThreadPool pool_;
  std::vector<std::unique_ptr<Tape>> recording_, evaluating_;  // one for each thread
  Matrix shard_gradients_;                                     // a row for each shard that was computed
  Index computed_ = 0;                                         // so many of them
  std::vector<double> shard_values_;                           // losses, or what was measured: one shard after another
};

}  // namespace rnn
