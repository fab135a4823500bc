#include <cmath>
#include <span>
#include <stdexcept>
#include <vector>

#include "exercise.hpp"

import rnn.autodiff.operations; // matmul, add_bias, slice_columns, sigmoid, add_multiplied, …
import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.elementwise; // apply_gradient
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;
import rnn.linalg.products; // product, add_product
import rnn.network.cell;
import rnn.network.initializers;

using namespace rnn;

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
    // A step saves f, n and q = h_before·U_n for its backward pass. The gradients of the recurrent side, 2n columns,
    // are not those of the inputs' side: q goes through the gate, a_n does not.
    const CellSizes sizes{
        .inputs = inputs, .outputs = n, .carry = n, .saved = 3 * n, .pre_activations = 2 * n, .recurrent = 2 * n};
    return *weights[0].tape().keep(MinimalGatedUnit("MinimalGatedUnit", sizes, weights));
  }

  /// h on the tape, from operations that know their gradients. h_before may be empty: zero.
  Var step(Var x, Var h_before) const override { throw std::logic_error("not implemented"); }

  /// The same with plain matrices: h (batch × n), and saved (batch × 3n) for `backward`. h_before may have no rows:
  /// zero.
  void forward(ConstView x, ConstView h_before, View h, View saved) const override {
    throw std::logic_error("not implemented");
  }

  /// Two matrices of gradients, (batch × 2n), go into da.input and da.recurrent, packed; dh_before (batch × n) may have
  /// no rows: it is not wanted then.
  void backward(const StepRows& step, ConstView dh, const PreActivationGradients<const PackedSlot>& da,
                View dh_before) const override {
    Matrix input(dh.rows, 2 * state_size()), recurrent(dh.rows, 2 * state_size());
    throw std::logic_error("not implemented");  // fill input, recurrent, and the direct way of dh_before; then:
    apply_gradient(Activation::identity, input, input, da.input, gradient_or_none(b()));
    apply_gradient(Activation::identity, recurrent, recurrent, da.recurrent, View{});
    if (dh_before.rows > 0) add_product(da.recurrent, w_y_transposed(), dh_before);  // + du·Uᵀ
  }

 private:
  using Cell::Cell;
};

}  // namespace

CellKind minimal_gated_unit() { return kind_of<MinimalGatedUnit>; }
