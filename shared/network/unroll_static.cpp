module;
#include <fmt/format.h>

#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

module rnn.network.unroll;

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.matrix;
import rnn.network.cell;

namespace rnn {

void require_fit(const Cell& cell, const SequenceVar& x, const UnrollOptions& options) {
  require_shape("unroll", "x.rows", x.rows.value(), x.steps * x.batch, x.features());
  if (x.features() != cell.input_size()) {
    throw std::invalid_argument(fmt::format(
        "unroll: x (time {}, batch {}, features {}) must have the cell's {} features; its axes are time, batch, feature",
        x.steps, x.batch, x.features(), cell.input_size()));
  }
  if (!options.initial_state.empty()) {
    require_shape("unroll", "initial_state", options.initial_state.value(), x.batch, cell.state_size());
  }
  if (options.lengths.empty()) return;
  if (options.lengths.size() != x.batch) {
    throw std::invalid_argument(fmt::format("unroll: {} lengths for a batch of {}", options.lengths.size(), x.batch));
  }
  for (const Index length : options.lengths) {
    if (length > x.steps) throw std::invalid_argument(fmt::format("unroll: length {} of {} steps", length, x.steps));
  }
}

Unrolled unroll_static(const Cell& cell, SequenceVar x, const UnrollOptions& options) {
  require_fit(cell, x, options);
  Tape& tape = x.rows.tape();
  const Index n = cell.state_size();
  Var state = options.initial_state;
  std::vector<Var> outputs;
  const auto valid = std::make_unique<bool[]>(x.batch);
  for (Index t = 0; t < x.steps; ++t) {
    tape.set_step(t);
    Var x_t = slice_time(x, t);
    if (options.lengths.empty()) {
      state = cell.step(x_t, state);
      outputs.push_back(state);
    } else {
      const std::span<const bool> here(valid.get(), x.batch);
      for (Index i = 0; i < x.batch; ++i) valid[i] = t < options.lengths[i];
      x_t = choose_rows(here, x_t, {});  // padding does not even enter the products
      const Var next = cell.step(x_t, state);
      outputs.push_back(choose_rows(here, next, {}));  // zero past the end
      state = choose_rows(here, next, state);          // past the end the state stays what it was
    }
  }
  tape.set_step(no_step);
  if (state.empty()) {  // no steps and no initial state
    const View zeros = tape.workspace(x.batch, n);
    fill(zeros, Real(0));
    state = tape.constant(zeros, "zeros");
  }
  return {stack_time(tape, outputs, x.batch, n), state};
}

}  // namespace rnn
