module;
#include <span>
#include <stdexcept>
#include <string>

module rnn.network.cell;

import rnn.autodiff.operations;
import rnn.linalg.products;

namespace rnn {

Cell::Cell(const char* name, const CellSizes& sizes, std::span<const Var> weights) : sizes_(sizes) {
  if (weights.size() < 3) throw std::invalid_argument(std::string(name) + ": expected the weights w_x, w_y and b");
  const Index recurrent = sizes.recurrent == 0 ? sizes.pre_activations : sizes.recurrent;
  require_shape(name, "w_x", weights[0].value(), sizes.inputs, sizes.pre_activations);
  require_shape(name, "w_y", weights[1].value(), sizes.outputs, recurrent);
  require_shape(name, "b", weights[2].value(), 1, sizes.pre_activations);
  for (const Var& bias : weights.subspan(2)) {
    if (!bias.value().contiguous()) throw std::invalid_argument(std::string(name) + ": biases must be contiguous");
  }
  weights_ = weights[0].tape().keep(weights);
}

ConstView Cell::state(ConstView carry) const {
  return carry.rows == 0 ? ConstView{} : carry.columns_from(0, sizes_.outputs);
}

Var Cell::output(Var carry) const {
  return sizes_.carry == sizes_.outputs ? carry : slice_columns(carry, 0, sizes_.outputs);
}

void Cell::begin_forward(Index) {
  Tape& tape = w_x().tape();
  loop_w_x_ = &tape.packed(w_x().value());
  loop_w_y_ = &tape.packed(w_y().value());
}

void Cell::begin_backward(Index) { w_y_transposed_ = &w_y().tape().packed(transposed(w_y().value())); }

// Inputs may be mostly zero, as pixels are: products with zeros are left out.
static void add_input_product(ConstView x_transposed, const PackedRows& da, View dw) {
  add_product(x_transposed, da, dw, Zeros::skip);
}

void Cell::backward_weights(const StepRows& steps, const PreActivationGradients<const PackedRows>& da) const {
  if (w_x().needs_gradient()) {
    add_input_product(transposed(steps.x), da.input, w_x().gradient());  // dW_x (inputs × k·n) += xᵀ·da
  }
  if (w_y().needs_gradient() && steps.carry_before.rows > 0) {
    add_product(transposed(state(steps.carry_before)), da.recurrent, w_y().gradient());  // dW_y (n × k·n) += hᵀ·da
  }
}

void Cell::backward_input(const PreActivationGradients<const PackedRows>& da, View dx) const {
  add_product(da.input, transposed(w_x().value()), dx);  // dx += da·W_xᵀ  (rows × k·n)·(k·n × inputs)
}

View gradient_or_none(Var weight) { return weight.needs_gradient() ? weight.gradient() : View{}; }

void initialize_gates(View w_x, View w_y, Engine& engine) {
  const Index inputs = w_x.rows, n = w_y.rows;
  glorot_uniform(w_x, engine, inputs + n, n);
  glorot_uniform(w_y, engine, inputs + n, n);
}

}  // namespace rnn
