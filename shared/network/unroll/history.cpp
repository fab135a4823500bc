module;

module rnn.network.unroll.history;

import rnn.autodiff.tape;
import rnn.linalg.matrix;
import rnn.network.cell;

namespace rnn {

History History::of_every_step(Tape& tape, const CellSizes& sizes, Index steps, Index batch) {
  History history;
  history.steps_ = history.segment_ = steps;
  history.batch_ = batch;
  history.carries_ = tape.workspace(steps * batch, sizes.carry);
  history.saved_ = tape.workspace(steps * batch, sizes.saved);
  return history;
}

History History::of_nothing(Tape& tape, const CellSizes& sizes, Index batch) {
  History history;
  history.batch_ = batch;
  history.two_ = tape.workspace(2 * batch, sizes.carry);
  history.one_saved_ = tape.workspace(batch, sizes.saved);
  return history;
}

History History::in_segments(Tape& tape, const CellSizes& sizes, Index steps, Index batch, Index segment) {
  if (segment >= steps) return of_every_step(tape, sizes, steps, batch);
  History history = of_nothing(tape, sizes, batch);
  history.steps_ = steps;
  history.segment_ = segment;
  history.carries_ = tape.workspace((segment + 1) * batch, sizes.carry);
  history.saved_ = tape.workspace(segment * batch, sizes.saved);
  history.kept_ = tape.workspace((steps - 1) / segment * batch, sizes.carry);
  return history;
}

View History::new_carry(Index t) const {
  if (segment_ == 0) return two_.rows_from(t % 2 * batch_, batch_);
  if (complete()) return carry(t);
  const Index after = steps_ - t - 1;  // a segment begins at t + 1 when this is a multiple of its length
  const bool kept = after > 0 && after % segment_ == 0;
  return kept ? kept_.rows_from((after / segment_ - 1) * batch_, batch_) : two_.rows_from(t % 2 * batch_, batch_);
}

View History::new_saved(Index t) const { return complete() && segment_ > 0 ? saved(t) : one_saved_; }

void History::open(Index begin, Index end) {
  first_saved_ = begin;
  first_carry_ = begin == 0 ? 0 : begin - 1;
  if (begin == 0) return;
  const Index number = (steps_ - end) / segment_;
  copy(kept_.rows_from(number * batch_, batch_), carries_.rows_from(0, batch_));
}

View History::carry(Index t, Index count) const {
  return carries_.rows_from((t - first_carry_) * batch_, count * batch_);
}

View History::saved(Index t, Index count) const {
  return saved_.rows_from((t - first_saved_) * batch_, count * batch_);
}

}  // namespace rnn
