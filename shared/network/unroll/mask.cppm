/// Sequences of different lengths in one batch: which rows of a time step belong to an example that has not ended.
export module rnn.network.unroll.mask;

import rnn.base.std;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;

export namespace rnn {

/// All matrices are those of one time step t, with a row for each example of the batch.
struct Mask {
  std::span<const Index> lengths = {};  // valid steps of each example; empty: all are full

  inline bool all_full() const { return lengths.empty(); }
  inline bool valid(Index t, Index example) const { return lengths.empty() || t < lengths[example]; }

  /// Sets the rows of examples that have ended to zero.
  void clear_ended(Index t, View rows) const;

  /// Copies the rows of examples that have ended.
  void copy_ended(Index t, ConstView from, View to) const;

  /// Adds the rows of examples that have not ended.
  void add_valid(Index t, ConstView from, View to) const;

  /// Copies the rows of examples whose last step is t. `steps` is the length of a full sequence.
  void copy_last(Index t, Index steps, ConstView from, View to) const;
};

}  // namespace rnn
