#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.autodiff.gradient_check;
import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.unroll;

using namespace rnn;
using namespace exercise;

static constexpr Index n = 3, inputs = 2, batch = 4, steps = 5;
static const Sequence x = random_sequence(steps, batch, inputs, 1);
static const Matrix start = random_matrix(batch, n, 2);
static const Matrix w_x = random_matrix(inputs, 2 * n, 3), w_y = random_matrix(n, 2 * n, 4),
                    b = random_matrix(1, 2 * n, 5);

// The formula, one number after the other.
static Matrix expected_step(ConstView x, const Matrix& before) {
  Matrix h(x.rows, n);
  for (Index i = 0; i < x.rows; ++i) {
    const auto product = [&](ConstView row, const Matrix& w, Index column) {
      double sum = 0;
      for (Index k = 0; k < row.columns; ++k) sum += row(0, k) * w(k, column);
      return sum;
    };
    for (Index j = 0; j < n; ++j) {
      const ConstView xs = x.rows_from(i, 1), hs = ConstView(before).rows_from(i, 1);
      const double f = 1 / (1 + std::exp(-(product(xs, w_x, j) + product(hs, w_y, j) + b(0, j))));
      const double candidate = std::tanh(product(xs, w_x, n + j) + b(0, n + j) + f * product(hs, w_y, n + j));
      h(i, j) = static_cast<Real>(before(i, j) + f * (candidate - before(i, j)));
    }
  }
  return h;
}

static Cell& make(Tape& tape) {
  const Var weights[] = {tape.constant(w_x), tape.constant(w_y), tape.constant(b)};
  return minimal_gated_unit().make(weights, Activation::tanh);
}

// What the loop gives, with or without a state before the first step.
static void compare_loop(bool with_start, const std::vector<Index>& lengths, const std::string& what,
                         const char* look) {
  Tape tape;
  Cell& cell = make(tape);
  UnrollOptions options{.lengths = lengths};
  if (with_start) options.initial_state = tape.constant(start);
  const Unrolled by_step = unroll_static(cell, tape.constant(x), options);
  const Unrolled by_loop = unroll_dynamic(cell, tape.constant(x), options);
  compare(what, by_loop.outputs.rows.value(), by_step.outputs.rows.value(), look, 1e-12);
}

static void compare_gradients(bool with_start) {
  std::vector<NamedMatrix> leaves{{"w_x", w_x}, {"w_y", w_y}, {"b", b}, {"x", x.rows()}};
  if (with_start) leaves.push_back({"h before the first step", start});
  const auto errors = check_gradients(leaves, [&](Tape&, std::span<const Var> v) {
    Cell& cell = minimal_gated_unit().make(v.first(3), Activation::tanh);
    UnrollOptions options;
    if (with_start) options.initial_state = v[4];
    const Unrolled y = unroll_dynamic(cell, {v[3], steps, batch}, options);
    return add(sum(multiply(y.outputs.rows, y.outputs.rows)), sum(y.state));
  });
  for (const GradientError& error : errors) {
    require(error.relative <= 1e-6, "the relative error of the gradient of " + error.name, "at most 1e-6",
            std::to_string(error.relative) + " at row " + std::to_string(error.row) + ", column " +
                std::to_string(error.column),
            "backward: da_f has two terms, and for the columns of U_n the gradient is da_n ⊙ f");
  }
}

const std::vector<Test> exercise::tests = {
    {"step is the formula",
     [] {
       Tape tape;
       const Var h = make(tape).step(tape.constant(x[0]), tape.constant(start));
       compare("h", h.value(), expected_step(x[0], start), "step: f is the first block of columns, n the second",
               1e-12);
     }},
    {"step starts from zero when there is no previous state",
     [] {
       Tape tape;
       const Var h = make(tape).step(tape.constant(x[0]), Var());
       compare("h", h.value(), expected_step(x[0], Matrix(batch, n, Real(0))), "h_before.empty(): then h = f ⊙ n",
               1e-12);
     }},
    {"forward gives what step gives",
     [] { compare_loop(true, {}, "the outputs of five steps", "forward: h, from the same formulas"); }},
    {"forward starts from zero too",
     [] { compare_loop(false, {}, "the outputs without an initial state", "h_before.rows == 0"); }},
    {"sequences of different lengths are masked, without any work of yours",
     [] { compare_loop(true, {5, 0, 2, 4}, "the outputs of sequences of 5, 0, 2 and 4 steps", "forward"); }},
    {"backward agrees with centered differences", [] { compare_gradients(true); }},
    {"and without a previous state", [] { compare_gradients(false); }},
};
