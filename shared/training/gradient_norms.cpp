module;
#include <cmath>
#include <vector>

module rnn.training.gradient_norms;

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.matrix;
import rnn.training.clipping;

namespace rnn {

// n copies of one row, below one another.
static Matrix repeated(ConstView row, Index n) {
  Matrix rows(n, row.columns);
  for (Index i = 0; i < n; ++i) copy(row, View(rows).rows_from(i, 1));
  return rows;
}

// Row t is the carry after t steps.
static Matrix carries_of(ConstView x, Index carry, StepFunction step) {
  Matrix carries(x.rows + 1, carry, Real(0));
  Tape tape(Tape::Mode::evaluate);
  for (Index t = 0; t < x.rows; ++t) {
    tape.clear();
    const Var before = tape.constant(View(carries).rows_from(t, 1));
    copy(step(tape.constant(x.rows_from(t, 1)), before).value(), View(carries).rows_from(t + 1, 1));
  }
  return carries;
}

static Real mean_size(ConstView states) {
  double total = 0;
  for (Index t = 0; t < states.rows; ++t) {
    for (Index j = 0; j < states.columns; ++j) total += std::abs(states(t, j));
  }
  return static_cast<Real>(total / double(states.size()));
}

std::vector<GradientNorms> norms_through_time(ConstView x, Index n, Index carry, StepFunction step) {
  const Index steps = x.rows;
  const Matrix carries = carries_of(x, carry, step);
  std::vector<GradientNorms> parts;
  for (Index first = 0; first < carry; first += n) {
    const ConstView states = ConstView(carries).rows_from(1, steps).columns_from(first, n);
    parts.push_back({.name = "", .mark = ' ', .at = std::vector<Real>(steps + 1), .mean_state = mean_size(states)});
  }

  // Row i of `back` is the gradient of neuron i of h_T. It needs a backward pass of its own, so let n copies of the
  // sequence run beside one another as a batch, and send one row back through each.
  Matrix back(n, carry, Real(0));                // ∂h_T/∂carry_t
  for (Index i = 0; i < n; ++i) back(i, i) = 1;  // ∂h_T/∂h_T; the rest of the last carry no longer affects h_T
  Tape tape;
  for (Index t = steps;; --t) {
    for (Index k = 0; k < parts.size(); ++k) {
      parts[k].at[t] = global_norm(View(back).columns_from(k * n, n)) / std::sqrt(Real(n));
    }
    if (t == 0) return parts;
    tape.clear();
    const Matrix inputs = repeated(x.rows_from(t - 1, 1), n);                         // (n × inputs)
    const Matrix carry_before = repeated(ConstView(carries).rows_from(t - 1, 1), n);  // (n × carry)
    const Var before = tape.variable(carry_before);
    const Var after = step(tape.constant(inputs), before);
    tape.backward(sum(multiply(after, tape.constant(back))));  // a sum whose gradient in `after` is `back`
    copy(before.gradient(), back);                             // one step back in time
  }
}

}  // namespace rnn
