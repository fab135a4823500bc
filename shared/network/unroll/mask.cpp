module;

module rnn.network.unroll.mask;

import rnn.linalg.elementwise;
import rnn.linalg.matrix;

namespace rnn {

void Mask::clear_ended(Index t, View rows) const {
  for (Index i = 0; i < lengths.size(); ++i) {
    if (!valid(t, i)) fill(rows.rows_from(i, 1), Real(0));
  }
}

void Mask::copy_ended(Index t, ConstView from, View to) const {
  for (Index i = 0; i < lengths.size(); ++i) {
    if (!valid(t, i)) copy(from.rows_from(i, 1), to.rows_from(i, 1));
  }
}

void Mask::add_valid(Index t, ConstView from, View to) const {
  if (all_full()) return add(from, to);
  for (Index i = 0; i < lengths.size(); ++i) {
    if (valid(t, i)) add(from.rows_from(i, 1), to.rows_from(i, 1));
  }
}

void Mask::copy_last(Index t, Index steps, ConstView from, View to) const {
  if (all_full()) {
    if (t + 1 == steps) copy(from, to);
    return;
  }
  for (Index i = 0; i < lengths.size(); ++i) {
    if (t + 1 == lengths[i]) copy(from.rows_from(i, 1), to.rows_from(i, 1));
  }
}

}  // namespace rnn
