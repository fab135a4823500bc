/// The basic recurrent cell, the notebook's BasicRNNCell:
///
///   h = f(x·W_x + h_before·W_y + b)     f = tanh by default
///
/// Shapes: x (batch × inputs), h (batch × n), W_x (inputs × n), W_y (n × n), b (1 × n). The carry is h. Nothing else is
/// saved: f′ follows from h.
export module rnn.network.cell.basic;

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.std;
import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;
import rnn.linalg.products;
import rnn.network.cell;
import rnn.network.initializers;

export namespace rnn {

class BasicRnnCell final : public Cell {
 public:
  static constexpr const char* name = "rnn";
  static std::vector<CellParameter> parameters(Index inputs, Index n);
  static Index carry(Index n);
  static void initialize(std::span<const View> weights, Engine& engine);
  static Cell& make(std::span<const Var> weights, Activation f);

  /// A cell on the tape of its weights. Shapes: w_x (inputs × n), w_y (n × n), b (1 × n).
  /// Throws std::invalid_argument when they do not fit, or when f is the identity.
  static BasicRnnCell& make(Var w_x, Var w_y, Var b, Activation f = Activation::tanh);

  Var step(Var x, Var h_before) const override;
  void forward(ConstView x, ConstView h_before, View h, View saved) const override;
  void backward(const StepRows& step, ConstView dh, const PreActivationGradients<const PackedSlot>& da,
                View dh_before) const override;

 private:
  BasicRnnCell(const CellSizes& sizes, std::span<const Var> weights, Activation f)
      : Cell("BasicRnnCell", sizes, weights), f_(f) {}
  Activation f_;
};

}  // namespace rnn

namespace rnn {

std::vector<CellParameter> BasicRnnCell::parameters(Index inputs, Index n) {
  return {{"w_x", inputs, n}, {"w_y", n, n}, {"b", 1, n}};
}

Index BasicRnnCell::carry(Index n) { return n; }

void BasicRnnCell::initialize(std::span<const View> weights, Engine& engine) {
  initialize_gates(weights[0], weights[1], engine);
  zeros(weights[2]);
}

BasicRnnCell& BasicRnnCell::make(Var w_x, Var w_y, Var b, Activation f) {
  if (f == Activation::identity) throw std::invalid_argument("BasicRnnCell: the activation must not be the identity");
  const Index n = w_x.columns();
  const Var weights[] = {w_x, w_y, b};
  const CellSizes sizes{.inputs = w_x.rows(), .outputs = n, .carry = n, .saved = 0, .pre_activations = n};
  return *w_x.tape().keep(BasicRnnCell(sizes, weights, f));
}

Cell& BasicRnnCell::make(std::span<const Var> weights, Activation f) {
  if (weights.size() < 3) throw std::invalid_argument("BasicRnnCell: expected the weights w_x, w_y and b");
  return make(weights[0], weights[1], weights[2], f);
}

Var BasicRnnCell::step(Var x, Var h_before) const {
  Var a = matmul(x, w_x());                                   // (batch × n)
  if (!h_before.empty()) a = add_matmul(a, h_before, w_y());  // (batch × n)
  return activation(f_, add_bias(a, b()));                    // (batch × n)
}

void BasicRnnCell::forward(ConstView x, ConstView h_before, View h, View) const {
  const Product products[] = {{x, loop_w_x(), Zeros::skip}, {h_before, loop_w_y()}};
  const std::size_t count = h_before.rows == 0 ? 1 : 2;
  sum_of_products(std::span(products, count), {b().value().data, f_}, h);  // h = f(x·W_x + h_before·W_y + b)
}

void BasicRnnCell::backward(const StepRows& step, ConstView dh, const PreActivationGradients<const PackedSlot>& da,
                            View dh_before) const {
  // da = dh ⊙ f′(a)  (batch × n), db (1 × n) += Σ rows of da
  apply_gradient(f_, step.carry, dh, da.input, gradient_or_none(b()));
  if (dh_before.rows == 0) return;
  product(da.input, w_y_transposed(), dh_before);  // dh_before = da·W_yᵀ  (batch × n)·(n × n)
}

}  // namespace rnn
