module;
#include <memory>
#include <span>
#include <vector>

module rnn.network.unroll;

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.caller;
import rnn.linalg.matrix;
import rnn.network.cell;

namespace rnn {

Unrolled unroll_static(const Cell& cell, SequenceVar x, const UnrollOptions& options, Caller caller) {
  require_fit(cell, x, options, caller);
  Tape& tape = x.rows.tape();
  Var carry = options.initial_state;
  std::vector<Var> outputs;
  const auto valid = std::make_unique<bool[]>(x.batch);
  for (Index t = 0; t < x.steps; ++t) {
    tape.set_step(t);
    Var x_t = slice_time(x, t);
    if (options.lengths.empty()) {
      carry = cell.step(x_t, carry);
      outputs.push_back(cell.output(carry));
    } else {
      const std::span<const bool> here(valid.get(), x.batch);
      for (Index i = 0; i < x.batch; ++i) valid[i] = t < options.lengths[i];
      x_t = choose_rows(here, x_t, {});  // padding does not even enter the products
      const Var next = cell.step(x_t, carry);
      outputs.push_back(choose_rows(here, cell.output(next), {}));  // zero past the end
      carry = choose_rows(here, next, carry);                       // past the end the carry stays what it was
    }
  }
  tape.set_step(no_step);
  if (carry.empty()) {  // no steps and no initial state
    const View zeros = tape.workspace(x.batch, cell.sizes().carry);
    fill(zeros, Real(0));
    carry = tape.constant(zeros, "zeros");
  }
  return {stack_time(tape, outputs, x.batch, cell.state_size()), cell.output(carry), carry};
}

}  // namespace rnn
