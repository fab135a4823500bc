module;
#include <span>
#include <stdexcept>

module rnn.network.cell;

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;
import rnn.linalg.products;

namespace rnn {

BasicRnnCell& BasicRnnCell::make(Var w_x, Var w_y, Var b, Activation f) {
  if (f == Activation::identity) throw std::invalid_argument("BasicRnnCell: the activation must not be the identity");
  const Index n = w_x.columns();
  require_shape("BasicRnnCell", "w_y", w_y.value(), n, n);
  require_shape("BasicRnnCell", "b", b.value(), 1, n);
  if (!b.value().contiguous()) throw std::invalid_argument("BasicRnnCell: b must be contiguous");
  return *w_x.tape().keep(BasicRnnCell(w_x, w_y, b, f));
}

Index BasicRnnCell::state_size() const { return weights_[0].columns(); }
Index BasicRnnCell::input_size() const { return weights_[0].rows(); }
Index BasicRnnCell::sums() const { return state_size(); }
std::span<const Var> BasicRnnCell::weights() const { return weights_; }

Var BasicRnnCell::step(Var x, Var h_before) const {
  const auto [w_x, w_y, b] = weights_;
  Var a = matmul(x, w_x);                                   // (batch × n)
  if (!h_before.empty()) a = add_matmul(a, h_before, w_y);  // (batch × n)
  return activation(f_, add_bias(a, b));                    // (batch × n)
}

void BasicRnnCell::begin_forward() {
  Tape& tape = weights_[0].tape();
  w_x_ = &tape.packed(weights_[0].value());
  w_y_ = &tape.packed(weights_[1].value());
}

void BasicRnnCell::forward(ConstView x, ConstView h_before, View h) const {
  const Product products[] = {{x, *w_x_, Zeros::skip}, {h_before, *w_y_}};
  const std::size_t count = h_before.rows == 0 ? 1 : 2;
  sum_of_products(std::span(products, count), {weights_[2].value().data, f_}, h);  // h = f(x·W_x + h_before·W_y + b)
}

void BasicRnnCell::begin_backward() { w_y_transposed_ = &weights_[1].tape().packed(transposed(weights_[1].value())); }

void BasicRnnCell::backward(ConstView h, ConstView dh, PackedMatrix& da, Index first) const {
  const Var b = weights_[2];
  const View db = b.needs_gradient() ? b.gradient() : View{};
  apply_gradient(f_, h, dh, da, first, db);  // da = dh ⊙ f′(a)  (batch × n), db (1 × n) += Σ rows of da
}

void BasicRnnCell::backward_state(const PackedRows& da, View dh_before) const {
  product(da, *w_y_transposed_, dh_before);  // dh_before = da·W_yᵀ  (batch × n)·(n × n)
}

void BasicRnnCell::backward_input(const PackedRows& da, View dx) const {
  add_product(da, transposed(weights_[0].value()), dx);  // dx += da·W_xᵀ  (batch × n)·(n × inputs)
}

void BasicRnnCell::backward_weights(ConstView x, ConstView h_before, const PackedRows& da) const {
  const auto [w_x, w_y, b] = weights_;
  if (w_x.needs_gradient()) add_product(transposed(x), da, w_x.gradient(), Zeros::skip);  // dW_x (inputs × n) += xᵀ·da
  if (w_y.needs_gradient() && h_before.rows > 0) {
    add_product(transposed(h_before), da, w_y.gradient());  // dW_y (n × n) += h_beforeᵀ·da
  }
}

}  // namespace rnn
