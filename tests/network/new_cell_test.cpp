#include <boost/test/unit_test.hpp>
#include <span>
#include <string>
#include <vector>

#include "../support/unrolling.hpp"

import rnn.autodiff.gradient_check;
import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;
import rnn.linalg.products;
import rnn.network.cell;
import rnn.network.initializers;
import rnn.network.unroll;

using namespace rnn;
using namespace rnn::testing;

// A cell that the library does not know: one file, and everything that unrolls, masks, computes again and trains works
// with it. In the library it would be cell/minimal.cppm, a row in the build table, and a line in the list of kinds.

namespace {

// The minimal gated unit: one gate f instead of the GRU's two.
//
//   f = σ(x·W_f + h_before·U_f + b_f)    n = tanh(x·W_n + b_n + f ⊙ (h_before·U_n))    h = h_before + f ⊙ (n −
//   h_before)
//
// Shapes, in the order f, n: W_x (inputs × 2n), W_y = U (n × 2n), b (1 × 2n). Saved are f, n and q = h_before·U_n.
// Source: Zhou, Wu, Zhang and Zhou, Minimal gated unit for recurrent neural networks, 2016.
class MinimalGatedUnit final : public Cell {
 public:
  static constexpr const char* name = "mgu";
  static std::vector<CellParameter> parameters(Index inputs, Index n) {
    return {{"w_x", inputs, 2 * n}, {"w_y", n, 2 * n}, {"b", 1, 2 * n}};
  }
  static Index carry(Index n) { return n; }
  static void initialize(std::span<const View> weights, Engine& engine) {
    initialize_gates(weights[0], weights[1], engine);
    zeros(weights[2]);
  }
  static Cell& make(std::span<const Var> weights, Activation) {
    const Index inputs = weights[0].rows(), n = weights[1].rows();
    const CellSizes sizes{
        .inputs = inputs, .outputs = n, .carry = n, .saved = 3 * n, .pre_activations = 2 * n, .recurrent = 2 * n};
    return *weights[0].tape().keep(MinimalGatedUnit("MinimalGatedUnit", sizes, weights));
  }

  Var step(Var x, Var h_before) const override {
    const Index n = state_size();
    const Var a = add_bias(matmul(x, w_x()), b());
    if (h_before.empty()) return multiply(sigmoid(slice_columns(a, 0, n)), rnn::tanh(slice_columns(a, n, n)));
    const Var u = matmul(h_before, w_y());
    const Var f = sigmoid(add(slice_columns(a, 0, n), slice_columns(u, 0, n)));
    const Var candidate = rnn::tanh(add_multiplied(slice_columns(a, n, n), f, slice_columns(u, n, n)));
    return add_multiplied(h_before, f, add(candidate, scale(h_before, Real(-1))));
  }

  void forward(ConstView x, ConstView h_before, View h, View saved) const override {
    const Index n = state_size();
    const Matrix a = product(x, w_x().value()), u = h_before.rows > 0 ? product(h_before, w_y().value()) : Matrix();
    for (Index i = 0; i < h.rows; ++i) {
      for (Index j = 0; j < n; ++j) {
        const bool first = h_before.rows == 0;
        const Real old = first ? 0 : h_before(i, j), bias_f = b().value()(0, j), bias_n = b().value()(0, n + j);
        const Real f = logistic(a(i, j) + bias_f + (first ? 0 : u(i, j))), q = first ? 0 : u(i, n + j);
        const Real candidate = std::tanh(a(i, n + j) + bias_n + f * q);
        h(i, j) = old + f * (candidate - old);
        saved(i, j) = f, saved(i, n + j) = candidate, saved(i, 2 * n + j) = q;
      }
    }
  }

  void backward(const StepRows& step, ConstView dh, const PreActivationGradients<const PackedSlot>& da,
                View dh_before) const override {
    const Index n = state_size();
    Matrix input(dh.rows, 2 * n), recurrent(dh.rows, 2 * n);
    for (Index i = 0; i < dh.rows; ++i) {
      for (Index j = 0; j < n; ++j) {
        const Real f = step.saved(i, j), candidate = step.saved(i, n + j), q = step.saved(i, 2 * n + j);
        const Real old = step.carry_before.rows == 0 ? 0 : step.carry_before(i, j);
        const Real da_n = dh(i, j) * f * (1 - candidate * candidate);
        const Real da_f = (dh(i, j) * (candidate - old) + da_n * q) * f * (1 - f);
        input(i, j) = recurrent(i, j) = da_f;
        input(i, n + j) = da_n;
        recurrent(i, n + j) = da_n * f;
        if (dh_before.rows > 0) dh_before(i, j) = dh(i, j) * (1 - f);
      }
    }
    apply_gradient(Activation::identity, input, input, da.input, gradient_or_none(b()));
    apply_gradient(Activation::identity, recurrent, recurrent, da.recurrent, View{});
    if (dh_before.rows > 0) add_product(da.recurrent, w_y_transposed(), dh_before);
  }

 private:
  using Cell::Cell;
  static Real logistic(Real a) { return 1 / (1 + std::exp(-a)); }
};

constexpr CellKind minimal = kind_of<MinimalGatedUnit>;

std::vector<Network> networks() {
  return {{minimal, 1, 1, 1, 1}, {minimal, 2, 4, 3, 5}, {minimal, 7, 3, 2, 9}, {minimal, 6, 3, 2, 4, {2, 6, 0}}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_cell_of_ones_own_is_unrolled_in_every_way) {
  for (Network net : networks()) {
    for (const bool with_initial : {true, false}) {
      net.with_initial = with_initial;
      const Computed by_static = run(net, Way::static_), by_loop = run(net, Way::dynamic);
      for (Index k = 0; k < by_static.carry.data().size(); ++k) {
        BOOST_TEST(std::abs(by_static.carry.data()[k] - by_loop.carry.data()[k]) <= 1e-6);
      }
      require_close_gradients(by_static, by_loop);
      require_same_bits(run(net, Way::square_root, Use::state), run(net, Way::final_state, Use::state));
    }
  }
}

BOOST_AUTO_TEST_CASE(its_gradients_are_those_that_differences_show) {
  if (sizeof(Real) == 4) return;
  for (const Network& net : networks()) {
    for (const Way way : {Way::static_, Way::dynamic}) {
      std::vector<NamedMatrix> leaves{{"x", net.x.rows()}, {"initial", net.initial}};
      for (const Matrix& weight : net.weights) leaves.push_back({"weight", weight});
      const auto errors = check_gradients(leaves, [&](Tape&, std::span<const Var> v) {
        Cell& cell = minimal.make(v.subspan(2), Activation::tanh);
        const SequenceVar x{v[0], net.x.steps(), net.x.batch()};
        return loss_of(unroll(way, cell, x, {.initial_state = v[1], .lengths = net.lengths}), Use::both);
      });
      BOOST_TEST(largest_relative_error(errors) <= 1e-6);
    }
  }
}
