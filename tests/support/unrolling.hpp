#pragma once
// Small networks with any kind of cell, run in every way there is.

#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>
#include <span>
#include <vector>

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.initializers;
import rnn.network.unroll;

namespace rnn::testing {

struct Network {
  Network(const CellKind& kind, Index steps, Index batch, Index features, Index n, std::vector<Index> lengths = {})
      : kind(&kind), x(steps, batch, features), initial(batch, kind.carry(n)), lengths(lengths) {
    static Engine engine(1);
    random_normal(x.rows(), engine, 0.5);
    for (const auto& [name, rows, columns] : kind.parameters(features, n)) {
      random_normal(weights.emplace_back(rows, columns), engine, 0.5);
    }
    random_normal(initial, engine, 0.5);
  }
  Index outputs() const { return weights[1].size1(); }

  const CellKind* kind;
  Sequence x;
  std::vector<Matrix> weights;  // as the kind's parameters
  Matrix initial;
  std::vector<Index> lengths;
  bool with_initial = true;
  Activation activation = Activation::tanh;
};

enum class Way { step_by_step, static_, dynamic, final_state, square_root };
enum class Use { both, outputs, state };

inline bool gives_outputs(Way way) { return way != Way::final_state && way != Way::square_root; }

struct Computed {
  Matrix outputs, carry;
  std::vector<Matrix> gradients;  // of x, the initial carry, and the weights
};

/// Σ cₖ·yₖ: a scalar in which each element of y has a weight of its own.
inline Var weighted_sum(Var y) {
  const View weights = y.tape().workspace(y.rows(), y.columns());
  for (Index k = 0; k < weights.size(); ++k) weights.data[k] = Real(0.2) + std::sin(Real(k + 1));
  return sum(multiply(y, y.tape().constant(weights)));
}

inline Var loss_of(const Unrolled& y, Use use) {
  if (use == Use::outputs) return weighted_sum(y.outputs.rows);
  if (use == Use::state) return weighted_sum(y.carry);
  return add(weighted_sum(y.outputs.rows), weighted_sum(y.carry));
}

inline Unrolled unroll(Way way, Cell& cell, SequenceVar x, const UnrollOptions& options) {
  if (way == Way::static_) return unroll_static(cell, x, options);
  if (way == Way::dynamic) return unroll_dynamic(cell, x, options);
  if (!gives_outputs(way)) {
    const Keep keep = way == Way::square_root ? Keep::square_root_states : Keep::every_state;
    const Var state = final_state(cell, x, options, keep);
    return {{}, state, state};
  }
  std::vector<Var> outputs;
  Var carry = options.initial_state;
  for (Index t = 0; t < x.steps; ++t) {
    carry = cell.step(slice_time(x, t), carry);
    outputs.push_back(slice_columns(carry, 0, cell.state_size()));
  }
  return {stack_time(x.rows.tape(), outputs, x.batch, cell.state_size()), {}, carry};
}

inline Computed run(const Network& net, Way way, Use use = Use::both) {
  Tape tape;
  const SequenceVar x = tape.variable(net.x);
  std::vector<Var> vars{x.rows, tape.variable(net.initial)};
  for (const Matrix& weight : net.weights) vars.push_back(tape.variable(weight));
  Cell& cell = net.kind->make(std::span(vars).subspan(2), net.activation);
  UnrollOptions options{.lengths = net.lengths};
  if (net.with_initial) options.initial_state = vars[1];
  const Unrolled y = unroll(way, cell, x, options);
  tape.backward(loss_of(y, use));
  Computed computed;
  if (!y.outputs.rows.empty()) computed.outputs = to_matrix(y.outputs.rows.value());
  computed.carry = to_matrix(y.carry.value());
  for (const Var& var : vars) computed.gradients.push_back(to_matrix(var.gradient()));
  return computed;
}

inline bool same_bits(const Matrix& a, const Matrix& b) {
  return a.size1() == b.size1() && a.size2() == b.size2() &&
         (a.data().size() == 0 || std::memcmp(&a.data()[0], &b.data()[0], a.data().size() * sizeof(Real)) == 0);
}

inline void require_same_bits(const Computed& a, const Computed& b) {
  BOOST_REQUIRE(same_bits(a.outputs, b.outputs));
  BOOST_REQUIRE(same_bits(a.carry, b.carry));
  BOOST_REQUIRE(a.gradients.size() == b.gradients.size());
  for (Index i = 0; i < a.gradients.size(); ++i) BOOST_REQUIRE(same_bits(a.gradients[i], b.gradients[i]));
}

/// Sums in another order: apart by rounding, measured by the largest element.
inline void require_close_gradients(const Computed& a, const Computed& b) {
  const Real tolerance = sizeof(Real) == 8 ? Real(1e-12) : Real(2e-5);
  BOOST_REQUIRE(a.gradients.size() == b.gradients.size());
  for (Index i = 0; i < a.gradients.size(); ++i) {
    const Matrix &p = a.gradients[i], &q = b.gradients[i];
    BOOST_REQUIRE(p.data().size() == q.data().size());
    Real largest = Real(1), difference = 0;
    for (Index k = 0; k < p.data().size(); ++k) {
      largest = std::max(largest, std::abs(q.data()[k]));
      difference = std::max(difference, std::abs(p.data()[k] - q.data()[k]));
    }
    BOOST_REQUIRE_LE(difference, tolerance * largest);
  }
}

}  // namespace rnn::testing
