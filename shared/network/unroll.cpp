module;
#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

module rnn.network.unroll;

import rnn.autodiff.tape;
import rnn.linalg.elementwise;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;
import rnn.network.cell;

namespace rnn {

namespace {

// Rows of one matrix product on the way back: the weights' gradients of a few steps at a time come from one product,
// long enough to be fast and short enough for its operands to stay in the cache.
constexpr Index rows_of_a_group = 128;

// The looping node. It lives on the tape; everything in it is a view of the tape's memory.
struct Loop {
  Cell* cell;
  SequenceVar x;
  Var initial;                     // empty: zero
  std::span<const Index> lengths;  // empty: all full
  Index segment = 0;               // steps whose states are held at a time on the way back
  View states = {};                // all outputs, or, when the segment is shorter than T, one slot and the segment's
  View kept = {};                  // the outputs just before each segment but the first, when there are several
  Var state = {};                  // the node itself: its value is the final state
  Var outputs = {};                // empty when nobody asked for them

  Index batch() const { return x.batch; }
  bool valid(Index t, Index example) const { return lengths.empty() || t < lengths[example]; }
  ConstView initial_value() const { return initial.empty() ? ConstView{} : initial.value(); }

  template <class Place>
  void forward(Index begin, Index end, ConstView before, Place place) const;
  void finish_rows(Index t, View h) const;
  void recompute(Index begin, Index end) const;

  struct Scratch {
    View dh, dh_before;  // the gradient of the state, of the state before (batch × n)
    PackedMatrix& da;    // of the sums of a group of steps (group·batch × sums)
    View clean;          // the inputs of a group with zeros for padding (group·batch × features)
  };
  void backward() const;
  void backward_steps(Index begin, Index end, Index first, Scratch& scratch) const;
  void backward_weights(Index begin, Index end, Index first, const Scratch& scratch) const;
};

Index steps_of_a_group(Index batch) { return std::max<Index>(1, rows_of_a_group / std::max<Index>(1, batch)); }

// Past its end an example's output is zero. At its end its output is its final state.
void Loop::finish_rows(Index t, View h) const {
  for (Index i = 0; i < batch() && !lengths.empty(); ++i) {
    if (!valid(t, i)) fill(h.rows_from(i, 1), Real(0));
  }
}

// Steps begin … end − 1, from the state before; the output of step t goes to place(t).
template <class Place>
void Loop::forward(Index begin, Index end, ConstView before, Place place) const {
  for (Index t = begin; t < end; ++t) {
    const View h = place(t);
    cell->forward(x.value(t), before, h);
    finish_rows(t, h);
    before = h;
  }
}

// Fills `states` with the outputs of a segment, the one before it in front.
void Loop::recompute(Index begin, Index end) const {
  const Index m = batch();
  if (begin == 0) {
    forward(begin, end, initial_value(), [&](Index t) { return states.rows_from(t * m, m); });
  } else {
    const Index number = (x.steps - begin) / segment - 1;  // kept from the last to the first
    copy(kept.rows_from(number * m, m), states.rows_from(0, m));
    forward(begin, end, states.rows_from(0, m), [&](Index t) { return states.rows_from((t - begin + 1) * m, m); });
  }
}

void Loop::backward() const {
  Tape& tape = x.rows.tape();
  const Index m = batch(), n = cell->state_size(), group = steps_of_a_group(m);
  const Index most_rows = std::min(group, x.steps) * m;
  Scratch scratch{tape.workspace(m, n), tape.workspace(m, n), tape.packed_workspace(most_rows, cell->sums()),
                  lengths.empty() ? View{} : tape.workspace(most_rows, x.features())};
  copy(state.gradient(), scratch.dh);
  cell->begin_backward();

  // Segments end at T, T − segment, …; groups end at T, T − group, …, and step 0 is a group of its own. A segment is a
  // multiple of a group, so that the sums are the same for any segment.
  for (Index segment_end = x.steps; segment_end > 0;) {
    const Index segment_begin = segment_end > segment ? segment_end - segment : 0;
    if (segment < x.steps) recompute(segment_begin, segment_end);
    const Index first = segment < x.steps && segment_begin > 0 ? segment_begin - 1 : 0;  // in the first slot of states
    for (Index end = segment_end; end > segment_begin;) {
      const Index lowest = std::max<Index>(segment_begin, end > 1 ? 1 : 0);
      const Index begin = std::max(lowest, end > group ? end - group : 0);
      backward_steps(begin, end, first, scratch);
      backward_weights(begin, end, first, scratch);
      end = begin;
    }
    segment_end = segment_begin;
  }
  if (!initial.empty() && initial.needs_gradient()) add(scratch.dh, initial.gradient());
}

// Steps end − 1 … begin. dh enters as the gradient of the state after them and leaves as that of the state before.
void Loop::backward_steps(Index begin, Index end, Index first, Scratch& scratch) const {
  const Index m = batch();
  auto& [dh, dh_before, da, clean] = scratch;
  for (Index t = end; t-- > begin;) {
    if (!outputs.empty() && outputs.has_gradient()) {
      const ConstView dy = outputs.gradient().rows_from(t * m, m);
      for (Index i = 0; i < m; ++i) {
        if (valid(t, i)) add(dy.rows_from(i, 1), dh.rows_from(i, 1));
      }
    }
    ConstView dh_valid = dh;
    if (!lengths.empty()) {  // no gradient past the end …
      copy(dh, dh_before);
      finish_rows(t, dh_before);
      dh_valid = dh_before;
    }
    cell->backward(states.rows_from((t - first) * m, m), dh_valid, da, (t - begin) * m);
    if (t == 0 && (initial.empty() || !initial.needs_gradient())) continue;
    cell->backward_state({da, (t - begin) * m, m}, dh_before);
    for (Index i = 0; i < m && !lengths.empty(); ++i) {
      if (!valid(t, i)) copy(dh.rows_from(i, 1), dh_before.rows_from(i, 1));  // … the state's goes through unchanged
    }
    std::swap(dh, dh_before);
  }
}

void Loop::backward_weights(Index begin, Index end, Index first, const Scratch& scratch) const {
  const Index m = batch(), rows = (end - begin) * m;
  const PackedRows da(scratch.da, 0, rows);
  ConstView inputs = x.rows.value().rows_from(begin * m, rows);
  if (!lengths.empty()) {  // zero times NaN is NaN: padding must not come near the weights' gradients
    const View clean = scratch.clean.rows_from(0, rows);
    copy(inputs, clean);
    for (Index t = begin; t < end; ++t) finish_rows(t, clean.rows_from((t - begin) * m, m));
    inputs = clean;
  }
  const ConstView before = begin == 0 ? initial_value() : ConstView(states.rows_from((begin - 1 - first) * m, rows));
  cell->backward_weights(inputs, before, da);
  if (x.rows.needs_gradient()) cell->backward_input(da, x.rows.gradient().rows_from(begin * m, rows));
}

// The state of each example after its own last step.
void write_final_state(const Loop& loop, Index t, ConstView h, View state) {
  if (loop.lengths.empty()) {
    if (t + 1 == loop.x.steps) copy(h, state);
    return;
  }
  for (Index i = 0; i < loop.batch(); ++i) {
    if (t + 1 == loop.lengths[i]) copy(h.rows_from(i, 1), state.rows_from(i, 1));
  }
}

Loop& make_loop(Cell& cell, SequenceVar x, const UnrollOptions& options) {
  require_fit(cell, x, options);
  Tape& tape = x.rows.tape();
  thread_local std::vector<Var> inputs;  // its memory stays from call to call
  inputs.assign({x.rows});
  inputs.insert(inputs.end(), cell.weights().begin(), cell.weights().end());
  if (!options.initial_state.empty()) inputs.push_back(options.initial_state);
  Loop loop{.cell = &cell, .x = x, .initial = options.initial_state, .lengths = tape.keep(options.lengths)};
  loop.segment = x.steps;
  loop.state = tape.add("DynamicRnn", inputs, x.batch, cell.state_size());
  const View state = tape.output(loop.state);
  options.initial_state.empty() ? fill(state, Real(0)) : copy(options.initial_state.value(), state);
  cell.begin_forward();
  return *tape.keep(loop);
}

// Runs all steps; place(t) is where the output of step t goes.
template <class Place>
void run(const Loop& loop, Place place) {
  const View state = loop.x.rows.tape().output(loop.state);
  ConstView before = loop.initial_value();
  for (Index t = 0; t < loop.x.steps; ++t) {
    const View h = place(t);
    loop.forward(t, t + 1, before, [&](Index) { return h; });
    write_final_state(loop, t, h, state);
    before = h;
  }
}

}  // namespace

Unrolled unroll_dynamic(Cell& cell, SequenceVar x, const UnrollOptions& options) {
  Tape& tape = x.rows.tape();
  Loop& loop = make_loop(cell, x, options);
  const Index m = x.batch;
  // The outputs are a second node, so that both can be used; its gradient, if it gets one, is read by the first.
  const Var state = loop.state;
  loop.outputs = tape.add("Outputs", {state}, x.steps * m, cell.state_size());
  loop.states = tape.output(loop.outputs);
  run(loop, [&](Index t) { return loop.states.rows_from(t * m, m); });
  tape.on_backward(loop.outputs, [state] { state.gradient(); });
  tape.on_backward(state, [&loop] { loop.backward(); });
  return {{loop.outputs, x.steps, m}, state};
}

Var final_state(Cell& cell, SequenceVar x, const UnrollOptions& options, History history) {
  Tape& tape = x.rows.tape();
  Loop& loop = make_loop(cell, x, options);
  const Index m = x.batch, n = cell.state_size(), steps = x.steps, group = steps_of_a_group(m);
  const Index root = static_cast<Index>(std::ceil(std::sqrt(double(steps))));
  const Index segment = (root + group - 1) / group * group;
  if (!tape.recording()) {
    const View two = tape.workspace(2 * m, n);
    run(loop, [&](Index t) { return two.rows_from(t % 2 * m, m); });
    return loop.state;
  }
  if (history == History::every_state || segment >= steps) {
    loop.states = tape.workspace(steps * m, n);
    run(loop, [&](Index t) { return loop.states.rows_from(t * m, m); });
  } else {
    loop.segment = segment;
    loop.states = tape.workspace((segment + 1) * m, n);
    loop.kept = tape.workspace((steps - 1) / segment * m, n);
    const View two = tape.workspace(2 * m, n);
    run(loop, [&](Index t) {
      const Index after = steps - t - 1;  // a segment begins at t + 1 when this is a multiple of its length
      const bool last = after > 0 && after % segment == 0;
      return last ? loop.kept.rows_from((after / segment - 1) * m, m) : two.rows_from(t % 2 * m, m);
    });
  }
  tape.on_backward(loop.state, [&loop] { loop.backward(); });
  return loop.state;
}

}  // namespace rnn
