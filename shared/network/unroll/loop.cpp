module;
#include <algorithm>
#include <utility>

module rnn.network.unroll.loop;

import rnn.autodiff.tape;
import rnn.linalg.elementwise;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;
import rnn.network.cell;

namespace rnn {

Index Loop::steps_of_a_group(Index batch) {
  constexpr Index rows = 128;
  return std::max<Index>(1, rows / std::max<Index>(1, batch));
}

void Loop::forward() const {
  const View last = x.rows.tape().output(carry);
  initial.empty() ? fill(last, Real(0)) : copy(initial.value(), last);
  ConstView before = initial.empty() ? ConstView{} : initial.value();
  for (Index t = 0; t < x.steps; ++t) {
    const View after = history.new_carry(t), saved = history.new_saved(t);
    cell->forward(x.value(t), before, after, saved);
    mask.clear_ended(t, after);  // past its end the output of an example is zero
    mask.clear_ended(t, saved);
    mask.copy_last(t, x.steps, after, last);  // at its end its carry is the final one
    before = after;
  }
}

// Recomputes the same steps, into the history's open segment.
void Loop::compute_again(Index begin, Index end) const {
  for (Index t = begin; t < end; ++t) {
    cell->forward(x.value(t), carry_before(t), history.carry(t), history.saved(t));
    mask.clear_ended(t, history.carry(t));
    mask.clear_ended(t, history.saved(t));
  }
}

ConstView Loop::carry_before(Index t) const {
  if (t > 0) return history.carry(t - 1);
  return initial.empty() ? ConstView{} : initial.value();
}

void Loop::backward() {
  Tape& tape = x.rows.tape();
  const CellSizes& sizes = cell->sizes();
  const Index m = x.batch, group = steps_of_a_group(m), most_rows = std::min(group, x.steps) * m;
  const bool masked = !mask.all_full();
  PackedMatrix& da = tape.packed_workspace(most_rows, sizes.pre_activations);
  PackedMatrix& recurrent = sizes.recurrent == 0 ? da : tape.packed_workspace(most_rows, sizes.recurrent);
  Scratch scratch{.dcarry = tape.workspace(m, sizes.carry),
                  .dcarry_before = tape.workspace(m, sizes.carry),
                  .dvalid = masked ? tape.workspace(m, sizes.carry) : View{},
                  .clean = masked ? tape.workspace(most_rows, sizes.inputs) : View{},
                  .da = {da, recurrent}};
  copy(carry.gradient(), scratch.dcarry);
  cell->begin_backward(m);

  // Segments end at T, T − segment, …; groups end at T, T − group, …, and step 0 is a group of its own. A segment is a
  // multiple of a group, so that the sums are the same for any segment.
  for (Index segment_end = x.steps; segment_end > 0;) {
    const Index segment_begin = segment_end - std::min(segment_end, history.segment());
    history.open(segment_begin, segment_end);
    if (!history.complete()) compute_again(segment_begin, segment_end);
    for (Index end = segment_end; end > segment_begin;) {
      const Index lowest = std::max<Index>(segment_begin, end > 1 ? 1 : 0);
      const Index begin = std::max(lowest, end - std::min(end, group));
      backward_group({begin, end}, scratch);
      end = begin;
    }
    segment_end = segment_begin;
  }
  if (!initial.empty() && initial.needs_gradient()) add(scratch.dcarry, initial.gradient());
}

void Loop::backward_group(Group group, Scratch& scratch) const {
  const ConstView inputs = clean_inputs(group, scratch);
  for (Index t = group.end; t-- > group.begin;) {
    const Index first = (t - group.begin) * x.batch;
    const PackedSlot input{scratch.da.input, first, x.batch}, recurrent{scratch.da.recurrent, first, x.batch};
    backward_step(t, inputs.rows_from(first, x.batch), {input, recurrent}, scratch);
  }
  backward_weights(group, inputs, scratch);
}

// dcarry enters as the gradient of the carry after step t and leaves as that of the carry before it.
void Loop::backward_step(Index t, ConstView x_t, const PreActivationGradients<const PackedSlot>& da,
                         Scratch& scratch) const {
  View &dcarry = scratch.dcarry, &dcarry_before = scratch.dcarry_before;
  const View dvalid = scratch.dvalid;
  if (!outputs.empty() && outputs.has_gradient()) {
    const ConstView dy = outputs.gradient().rows_from(t * x.batch, x.batch);  // (batch × n)
    mask.add_valid(t, dy, dcarry.columns_from(0, cell->state_size()));
  }
  if (!mask.all_full()) {  // no gradient goes into steps past the end …
    copy(dcarry, dvalid);
    mask.clear_ended(t, dvalid);
  }
  const bool wanted = t > 0 || (!initial.empty() && initial.needs_gradient());
  cell->backward({x_t, carry_before(t), history.carry(t), history.saved(t)}, mask.all_full() ? dcarry : dvalid, da,
                 wanted ? dcarry_before : View{});
  if (!wanted) return;
  mask.copy_ended(t, dcarry, dcarry_before);  // … that of the carry passes them unchanged
  std::swap(dcarry, dcarry_before);
}

// Zero times NaN is NaN: padding must not come near the weights' gradients.
ConstView Loop::clean_inputs(Group group, const Scratch& scratch) const {
  const Index m = x.batch, rows = (group.end - group.begin) * m;
  const ConstView inputs = x.rows.value().rows_from(group.begin * m, rows);
  if (mask.all_full()) return inputs;
  const View clean = scratch.clean.rows_from(0, rows);
  copy(inputs, clean);
  for (Index t = group.begin; t < group.end; ++t) mask.clear_ended(t, clean.rows_from((t - group.begin) * m, m));
  return clean;
}

void Loop::backward_weights(Group group, ConstView inputs, const Scratch& scratch) const {
  const auto [begin, end] = group;
  const Index m = x.batch, rows = (end - begin) * m;
  const PackedRows da(scratch.da.input, 0, rows), recurrent(scratch.da.recurrent, 0, rows);
  const ConstView before = begin == 0 ? carry_before(0) : history.carry(begin - 1, end - begin);
  cell->backward_weights({inputs, before, history.carry(begin, end - begin), history.saved(begin, end - begin)},
                         {da, recurrent});
  if (x.rows.needs_gradient()) {
    cell->backward_input({da, recurrent}, x.rows.gradient().rows_from(begin * m, rows));
  }
}

}  // namespace rnn
