/// Long short-term memory: a cell state c that gates write to, keep, and read from.
///
///   i, f, o = σ(…)   g = tanh(…)     each of the pre-activations a = x·W_x + h_before·W_y + b, in the order i, f, g, o
///   c = f ⊙ c_before + i ⊙ g         what is kept of the old, and what is added
///   h = o ⊙ tanh(c)                  what is shown of it
///
/// Shapes: x (batch × inputs), h and c (batch × n), W_x (inputs × 4n), W_y (n × 4n), b (1 × 4n). The carry is h, then c
/// (batch × 2n). Saved are i, f, g, o. PyTorch's and cuDNN's gates; PyTorch has two biases, of which b is the sum.
/// Sources: Hochreiter and Schmidhuber, Long short-term memory, Neural Computation 9, 1997; the forget gate: Gers,
/// Schmidhuber and Cummins, Learning to forget, Neural Computation 12, 2000.
export module rnn.network.cell.lstm;

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.std;
import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.kernel.packed;
import rnn.linalg.kernel.registers;
import rnn.linalg.kernel.simd;
import rnn.linalg.matrix;
import rnn.linalg.products;
import rnn.network.cell;
import rnn.network.initializers;

export namespace rnn {

class LstmCell final : public Cell {
 public:
  static constexpr const char* name = "lstm";
  static std::vector<CellParameter> parameters(Index inputs, Index n);
  static Index carry(Index n);
  /// The bias of the forget gate starts at 1: a cell that has learned nothing yet remembers.
  /// Source: Jozefowicz, Zaremba and Sutskever, An empirical exploration of recurrent network architectures, ICML 2015.
  static void initialize(std::span<const View> weights, Engine& engine);
  static Cell& make(std::span<const Var> weights, Activation f);

  /// A cell on the tape of its weights. Shapes: w_x (inputs × 4n), w_y (n × 4n), b (1 × 4n). Throws
  /// std::invalid_argument when they do not fit.
  static LstmCell& make(Var w_x, Var w_y, Var b);

  Var step(Var x, Var carry_before) const override;
  void forward(ConstView x, ConstView carry_before, View carry, View saved) const override;
  void begin_backward(Index batch) override;
  void backward(const StepRows& step, ConstView dcarry, const PreActivationGradients<const PackedSlot>& da,
                View dcarry_before) const override;

 private:
  LstmCell(const CellSizes& sizes, std::span<const Var> weights) : Cell("LstmCell", sizes, weights) {}
  View da_ = {};  // of a few examples (rows × 4n)
};

}  // namespace rnn

namespace rnn {

std::vector<CellParameter> LstmCell::parameters(Index inputs, Index n) {
  return {{"w_x", inputs, 4 * n}, {"w_y", n, 4 * n}, {"b", 1, 4 * n}};
}

Index LstmCell::carry(Index n) { return 2 * n; }

void LstmCell::initialize(std::span<const View> weights, Engine& engine) {
  const Index n = weights[1].rows;
  initialize_gates(weights[0], weights[1], engine);
  zeros(weights[2]);
  fill(weights[2].columns_from(n, n), Real(1));
}

LstmCell& LstmCell::make(Var w_x, Var w_y, Var b) {
  const Index n = w_y.rows();
  const Var weights[] = {w_x, w_y, b};
  const CellSizes sizes{.inputs = w_x.rows(), .outputs = n, .carry = 2 * n, .saved = 4 * n, .pre_activations = 4 * n};
  return *w_x.tape().keep(LstmCell(sizes, weights));
}

Cell& LstmCell::make(std::span<const Var> weights, Activation f) {
  if (f != Activation::tanh) throw std::invalid_argument("LstmCell: the activation must be tanh");
  if (weights.size() < 3) throw std::invalid_argument("LstmCell: expected the weights w_x, w_y and b");
  return make(weights[0], weights[1], weights[2]);
}

Var LstmCell::step(Var x, Var carry_before) const {
  const Index n = state_size();
  Var a = matmul(x, w_x());                                                                // (batch × 4n)
  if (!carry_before.empty()) a = add_matmul(a, slice_columns(carry_before, 0, n), w_y());  // (batch × 4n)
  a = add_bias(a, b());
  const Var i = sigmoid(slice_columns(a, 0, n)), f = sigmoid(slice_columns(a, n, n));
  const Var g = tanh(slice_columns(a, 2 * n, n)), o = sigmoid(slice_columns(a, 3 * n, n));
  Var c = multiply(i, g);                                                                  // (batch × n)
  if (!carry_before.empty()) c = add_multiplied(c, f, slice_columns(carry_before, n, n));  // (batch × n)
  const Var parts[] = {multiply(o, tanh(c)), c};
  return join_columns(parts);  // (batch × 2n)
}

namespace {

// The gates of one step from their pre-activations, in place, and the carry.
struct Forward {
  ConstView before;  // (batch × 2n), or no rows
  View gates;        // (batch × 4n)
  View carry;        // (batch × 2n)
  Index n;

  template <class Place>
  [[gnu::always_inline]] inline void operator()(const Place& at) const {
    const auto i = simd::sigmoid(at(gates)), f = simd::sigmoid(at(gates, n));
    const auto g = simd::tanh(at(gates, 2 * n)), o = simd::sigmoid(at(gates, 3 * n));
    auto c = i * g;
    if (before.rows > 0) c = c + f * at(before, n);
    at.store(o * simd::tanh(c), carry);
    at.store(c, carry, n);
    at.store(i, gates);
    at.store(f, gates, n);
    at.store(g, gates, 2 * n);
    at.store(o, gates, 3 * n);
  }
};

// The gradients of the pre-activations, and of the cell state before.
struct Backward {
  ConstView before, carry, gates, dcarry;
  View da;       // (batch × 4n)
  View dbefore;  // (batch × 2n), or no rows
  Index n;

  template <class Place>
  [[gnu::always_inline]] inline void operator()(const Place& at) const {
    const auto i = at(gates), f = at(gates, n), g = at(gates, 2 * n), o = at(gates, 3 * n);
    const auto tanh_c = simd::tanh(at(carry, n)), dh = at(dcarry);
    const auto dc = at(dcarry, n) + dh * o * (Real(1) - tanh_c * tanh_c);  // dc += dh ⊙ o ⊙ (1 − tanh²c)
    at.store(dc * g * (i * (Real(1) - i)), da);                            // da_i = dc ⊙ g ⊙ σ′
    if (before.rows > 0) {
      at.store(dc * at(before, n) * (f * (Real(1) - f)), da, n);  // da_f = dc ⊙ c_before ⊙ σ′
    } else {
      at.store(decltype(f){}, da, n);  // the cell state before was zero
    }
    at.store(dc * i * (Real(1) - g * g), da, 2 * n);         // da_g = dc ⊙ i ⊙ tanh′
    at.store(dh * tanh_c * (o * (Real(1) - o)), da, 3 * n);  // da_o = dh ⊙ tanh c ⊙ σ′
    if (dbefore.rows > 0) at.store(dc * f, dbefore, n);      // dc_before = dc ⊙ f
  }
};

}  // namespace

void LstmCell::forward(ConstView x, ConstView carry_before, View carry, View saved) const {
  const Product products[] = {{x, loop_w_x(), Zeros::skip}, {state(carry_before), loop_w_y()}};
  const std::size_t count = carry_before.rows == 0 ? 1 : 2;
  sum_of_products(std::span(products, count), {b().value().data}, saved);  // a = x·W_x + h_before·W_y + b
  simd::walk(carry.rows, state_size(), Forward{carry_before, saved, carry, state_size()});
}

void LstmCell::begin_backward(Index batch) {
  Cell::begin_backward(batch);
  da_ = w_x().tape().workspace(std::min(batch, simd::rows_at_a_time), sizes().pre_activations);
}

void LstmCell::backward(const StepRows& step, ConstView dcarry, const PreActivationGradients<const PackedSlot>& da,
                        View dcarry_before) const {
  const Index batch = dcarry.rows, n = state_size();
  for (Index first = 0; first < batch; first += simd::rows_at_a_time) {
    const simd::Rows some{first, std::min(simd::rows_at_a_time, batch - first)};
    const View here = da_.rows_from(0, some.count);
    simd::walk(some.count, n,
               Backward{some.of(step.carry_before), some.of(step.carry), some.of(step.saved), some.of(dcarry), here,
                        some.of(dcarry_before), n});
    const PackedSlot slot{da.input.matrix, da.input.first + first, some.count};
    apply_gradient(Activation::identity, here, here, slot, gradient_or_none(b()));  // packed; db += Σ rows of da
  }
  if (dcarry_before.rows == 0) return;
  // dh_before = da·W_yᵀ  (batch × 4n)·(4n × n)
  product(da.input, w_y_transposed(), dcarry_before.columns_from(0, n));
}

}  // namespace rnn
