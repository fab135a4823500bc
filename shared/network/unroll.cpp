module;
#include <fmt/format.h>

#include <cmath>
#include <span>
#include <vector>

module rnn.network.unroll;

import rnn.autodiff.tape;
import rnn.base.caller;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.unroll.history;
import rnn.network.unroll.loop;

namespace rnn {

void require_fit(const Cell& cell, const SequenceVar& x, const UnrollOptions& options, Caller caller) {
  const auto& [inputs, n, carry, saved, pre_activations, recurrent] = cell.sizes();
  require_shape("unroll", "x.rows", x.rows.value(), x.steps * x.batch, x.features(), caller);
  if (x.features() != inputs) {
    throw CallError(
        fmt::format(
            "unroll: x (time {}, batch {}, features {}) must have the cell's {} features; its axes are time, batch, feature",
            x.steps, x.batch, x.features(), inputs),
        caller);
  }
  if (!options.initial_state.empty()) {
    require_shape("unroll", "initial_state", options.initial_state.value(), x.batch, carry, caller);
  }
  if (options.lengths.empty()) return;
  if (options.lengths.size() != x.batch) {
    throw CallError(fmt::format("unroll: {} lengths for a batch of {}", options.lengths.size(), x.batch), caller);
  }
  for (const Index length : options.lengths) {
    if (length > x.steps) throw CallError(fmt::format("unroll: length {} of {} steps", length, x.steps), caller);
  }
}

// A Loop on the tape, ready to run except for its history.
static Loop& make_loop(Cell& cell, SequenceVar x, const UnrollOptions& options, Caller caller) {
  require_fit(cell, x, options, caller);
  Tape& tape = x.rows.tape();
  thread_local std::vector<Var> inputs;  // keeps its memory from call to call
  inputs.assign({x.rows});
  inputs.insert(inputs.end(), cell.weights().begin(), cell.weights().end());
  if (!options.initial_state.empty()) inputs.push_back(options.initial_state);
  Loop loop{.cell = &cell, .x = x, .initial = options.initial_state, .mask = {tape.keep(options.lengths)}};
  loop.carry = tape.add("DynamicRnn", inputs, x.batch, cell.sizes().carry);
  cell.begin_forward(x.batch);
  return *tape.keep(loop);
}

Unrolled unroll_dynamic(Cell& cell, SequenceVar x, const UnrollOptions& options, Caller caller) {
  Tape& tape = x.rows.tape();
  Loop& loop = make_loop(cell, x, options, caller);
  loop.history = History::of_every_step(tape, cell.sizes(), x.steps, x.batch);
  loop.forward();
  // The outputs are a second node, so that both can be used; its gradient, if it gets one, is read by the first.
  const Var carry = loop.carry, inputs[] = {carry};
  loop.outputs = tape.add("Outputs", inputs, loop.history.carries().columns_from(0, cell.state_size()));
  tape.on_backward(loop.outputs, [carry] { carry.gradient(); });
  tape.on_backward(carry, [&loop] { loop.backward(); });
  return {{loop.outputs, x.steps, x.batch}, cell.output(carry), carry};
}

Var final_state(Cell& cell, SequenceVar x, const UnrollOptions& options, Keep keep, Caller caller) {
  Tape& tape = x.rows.tape();
  Loop& loop = make_loop(cell, x, options, caller);
  const Index root = static_cast<Index>(std::ceil(std::sqrt(double(x.steps))));
  const Index group = Loop::steps_of_a_group(x.batch), segment = (root + group - 1) / group * group;
  loop.history = !tape.recording() ? History::of_nothing(tape, cell.sizes(), x.batch)
                 : keep == Keep::square_root_states
                     ? History::in_segments(tape, cell.sizes(), x.steps, x.batch, segment)
                     : History::of_every_step(tape, cell.sizes(), x.steps, x.batch);
  loop.forward();
  tape.on_backward(loop.carry, [&loop] { loop.backward(); });
  return cell.output(loop.carry);
}

}  // namespace rnn
