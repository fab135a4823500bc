module;

/// What a looping node remembers of its time steps between the forward and the backward pass.
///
/// It keeps either the carry and the saved values of every step; or, to save memory, only the carries just before each
/// of about √T segments, from which the backward pass recomputes one segment after another (gradient checkpointing;
/// source: Chen, Xu, Zhang and Guestrin, Training deep nets with sublinear memory cost, 2016); or nothing, when there
/// is no backward pass.
export module rnn.network.unroll.history;

import rnn.autodiff.tape;
import rnn.linalg.matrix;
import rnn.network.cell;

export namespace rnn {

class History {
 public:
  /// For `steps` steps of `batch` examples. Segments end at T, T − segment, …; one segment of T steps keeps everything.
  static History in_segments(Tape& tape, const CellSizes& sizes, Index steps, Index batch, Index segment);
  static History of_every_step(Tape& tape, const CellSizes& sizes, Index steps, Index batch);
  /// Room for two steps, used in turn.
  static History of_nothing(Tape& tape, const CellSizes& sizes, Index batch);

  /// Where the forward pass writes step t.
  View new_carry(Index t) const;
  View new_saved(Index t) const;

  // ---- the backward pass

  /// The number of steps in a segment.
  inline Index segment() const { return segment_; }
  inline bool complete() const { return segment_ == steps_; }

  /// Moves to the segment begin … end − 1, whose steps must then be recomputed unless the history is complete.
  void open(Index begin, Index end);

  /// Step t of the open segment, or the one just before it; `count` steps from t on are `count`·batch rows.
  View carry(Index t, Index count = 1) const;
  View saved(Index t, Index count = 1) const;

  /// All carries of a complete history, (T·batch × carry).
  inline View carries() const { return carries_; }

 private:
  Index steps_ = 0, batch_ = 0, segment_ = 0;
  View carries_ = {}, saved_ = {};  // of all steps, or of one segment with the carry before it in front
  View kept_ = {};                  // the carries just before each segment but the first, from the last to the first
  View two_ = {}, one_saved_ = {};  // for the forward pass where nothing else is kept
  Index first_carry_ = 0, first_saved_ = 0;  // the steps in the first rows of carries_ and saved_
};

}  // namespace rnn
