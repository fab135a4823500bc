/// A batch in pieces, and the order in which the results of the pieces are added up.
export module rnn.training.shards;

import rnn.autodiff.tape;
import rnn.base.function_ref;
import rnn.base.std;
import rnn.linalg.matrix;

export namespace rnn {

/// Examples first … first + count − 1 of a batch.
struct Shard {
  Index number;
  Index first;
  Index count;
};

/// The most examples in a shard: its states, of 28 steps of 100 neurons, then fill 560 KB.
constexpr Index largest_shard = 50;

/// How many shards a batch is cut into, as equal as possible: a multiple of 4, so that 2 or 4 threads have the same
/// work. It depends only on the size of the batch.
Index shard_count(Index examples);
Shard shard_of(Index number, Index examples);

/// Adds up what the shards of a batch compute, in the order of their numbers, so that the sum has the same bits however
/// the work is divided. Who computes which shard (the threads of this process, other machines) is up to the
/// implementation.
class ShardSum {
 public:
  /// Records the loss of a shard on the tape: the sum over its examples divided by the size of the whole batch.
  /// Gradients of parameters are added to `gradients` (1 × everything).
  using Loss = FunctionRef<Var(Tape& tape, const Shard& shard, View gradients)>;

  /// Computes a number for a shard, or several, on a tape that keeps nothing for a backward pass.
  using Measure = FunctionRef<double(Tape& tape, const Shard& shard)>;
  using Measures = FunctionRef<void(Tape& tape, const Shard& shard, std::span<double> numbers)>;

  virtual ~ShardSum() = default;

  /// The loss of the batch, and its gradient in `gradients` (1 × everything, overwritten). `rows` (examples × anything,
  /// contiguous; empty where there are none) are what `loss` leaves behind: for each shard it writes the rows of the
  /// shard's examples, and in the end all of them are there, whoever computed which shard.
  virtual double gradient(Index examples, View gradients, Loss loss, View rows) = 0;

  /// The sums over the shards of the numbers that `measure` computes. Another process may call it for a shard: what it
  /// does besides is not to be counted on.
  virtual void sums(Index examples, Measures measure, std::span<double> sums) = 0;
  double sum(Index examples, Measure measure);
};

}  // namespace rnn
