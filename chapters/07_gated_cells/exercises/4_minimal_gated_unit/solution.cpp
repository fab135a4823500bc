#include <cmath>
#include <span>
#include <vector>

#include "exercise.hpp"

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;
import rnn.linalg.products;
import rnn.network.cell;
import rnn.network.initializers;

using namespace rnn;

// In the library this would be cell/minimal.cppm, a row in the build table, and a line in the list of kinds.

namespace {

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

}  // namespace

CellKind minimal_gated_unit() { return kind_of<MinimalGatedUnit>; }
