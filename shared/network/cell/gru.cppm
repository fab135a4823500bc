/// The gated recurrent unit: it decides for each neuron how much of the old state to replace.
///
///   r = σ(x·W_r + h_before·U_r + b_r)           reset: how much of the old state the candidate sees
///   z = σ(x·W_z + h_before·U_z + b_z)           update: how much of the old state stays
///   q = h_before·U_n + b_y
///   n = tanh(x·W_n + b_n + r ⊙ q)               the candidate
///   h = n + z ⊙ (h_before − n)                  which is (1 − z) ⊙ n + z ⊙ h_before
///
/// Shapes, with the gates in the order r, z, n: W_x (inputs × 3n), W_y = U (n × 3n), b (1 × 3n), b_y (1 × n). The carry
/// is h. Saved are r, z, n, q. PyTorch's and cuDNN's variant, in which the reset gate multiplies the finished product,
/// bias included; in the paper's it multiplies h_before. PyTorch's b_ir + b_hr and b_iz + b_hz are our b_r and b_z, its
/// b_in our b_n, its b_hn our b_y. Source: Cho et al., Learning phrase representations using RNN encoder-decoder, EMNLP
/// 2014.
export module rnn.network.cell.gru;

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

class GruCell final : public Cell {
 public:
  static constexpr const char* name = "gru";
  static std::vector<CellParameter> parameters(Index inputs, Index n);
  static Index carry(Index n);
  static void initialize(std::span<const View> weights, Engine& engine);
  static Cell& make(std::span<const Var> weights, Activation f);

  /// A cell on the tape of its weights. Shapes: w_x (inputs × 3n), w_y (n × 3n), b (1 × 3n), b_y (1 × n). Throws
  /// std::invalid_argument when they do not fit.
  static GruCell& make(Var w_x, Var w_y, Var b, Var b_y);

  Var step(Var x, Var h_before) const override;
  void begin_forward(Index batch) override;
  void forward(ConstView x, ConstView h_before, View h, View saved) const override;
  void begin_backward(Index batch) override;
  void backward(const StepRows& step, ConstView dh, const PreActivationGradients<const PackedSlot>& da,
                View dh_before) const override;

 private:
  GruCell(const CellSizes& sizes, std::span<const Var> weights) : Cell("GruCell", sizes, weights) {}
  inline Var b_y() const { return weights()[3]; }
  View recurrent_ = {};               // h_before·U of one step (batch × 3n)
  View da_ = {}, da_recurrent_ = {};  // of a few examples (rows × 3n)
};

}  // namespace rnn

namespace rnn {

std::vector<CellParameter> GruCell::parameters(Index inputs, Index n) {
  return {{"w_x", inputs, 3 * n}, {"w_y", n, 3 * n}, {"b", 1, 3 * n}, {"b_y", 1, n}};
}

Index GruCell::carry(Index n) { return n; }

void GruCell::initialize(std::span<const View> weights, Engine& engine) {
  initialize_gates(weights[0], weights[1], engine);
  zeros(weights[2]);
  zeros(weights[3]);
}

GruCell& GruCell::make(Var w_x, Var w_y, Var b, Var b_y) {
  const Index n = w_y.rows();
  require_shape("GruCell", "b_y", b_y.value(), 1, n);
  const Var weights[] = {w_x, w_y, b, b_y};
  const CellSizes sizes{
      .inputs = w_x.rows(), .outputs = n, .carry = n, .saved = 4 * n, .pre_activations = 3 * n, .recurrent = 3 * n};
  return *w_x.tape().keep(GruCell(sizes, weights));
}

Cell& GruCell::make(std::span<const Var> weights, Activation f) {
  if (f != Activation::tanh) throw std::invalid_argument("GruCell: the activation must be tanh");
  if (weights.size() < 4) throw std::invalid_argument("GruCell: expected the weights w_x, w_y, b and b_y");
  return make(weights[0], weights[1], weights[2], weights[3]);
}

Var GruCell::step(Var x, Var h_before) const {
  const Index size = state_size();
  if (h_before.empty()) {
    Tape& tape = x.tape();
    const View zero = tape.workspace(x.rows(), size);
    fill(zero, Real(0));
    h_before = tape.constant(zero, "zeros");
  }
  const Var a = add_bias(matmul(x, w_x()), b());                                           // (batch × 3n)
  const Var u = matmul(h_before, w_y());                                                   // (batch × 3n)
  const Var r = sigmoid(add(slice_columns(a, 0, size), slice_columns(u, 0, size)));        // (batch × n)
  const Var z = sigmoid(add(slice_columns(a, size, size), slice_columns(u, size, size)));  // (batch × n)
  const Var q = add_bias(slice_columns(u, 2 * size, size), b_y());                         // (batch × n)
  const Var n = tanh(add_multiplied(slice_columns(a, 2 * size, size), r, q));              // (batch × n)
  return add_multiplied(n, z, add(h_before, scale(n, Real(-1))));                          // n + z ⊙ (h_before − n)
}

namespace {

// Gates, candidate and state of one step.
struct Forward {
  ConstView before;     // (batch × n), or no rows
  ConstView recurrent;  // h_before·U (batch × 3n), or no rows
  ConstView b_y;        // (batch × n), all rows the same
  View gates;           // pre-activations of the inputs' side (batch × 3n of 4n), then r, z, n, q
  View h;               // (batch × n)
  Index size;

  template <class Place>
  [[gnu::always_inline]] inline void operator()(const Place& at) const {
    auto a_r = at(gates), a_z = at(gates, size), q = at(b_y);
    auto old = decltype(q){};  // zero
    if (before.rows > 0) {
      a_r = a_r + at(recurrent);
      a_z = a_z + at(recurrent, size);
      q = at(recurrent, 2 * size) + q;
      old = at(before);
    }
    const auto r = simd::sigmoid(a_r), z = simd::sigmoid(a_z);
    const auto n = simd::tanh(at(gates, 2 * size) + r * q);
    const auto change = old - n;
    at.store(n + z * change, h);
    at.store(r, gates);
    at.store(z, gates, size);
    at.store(n, gates, 2 * size);
    at.store(q, gates, 3 * size);
  }
};

// The gradients of the pre-activations on both sides, and of the state before as far as it does not go through W_y.
struct Backward {
  ConstView before, gates, dh;
  View da, da_recurrent;  // (batch × 3n)
  View dbefore;           // (batch × n), or no rows
  Index size;

  template <class Place>
  [[gnu::always_inline]] inline void operator()(const Place& at) const {
    const auto r = at(gates), z = at(gates, size), n = at(gates, 2 * size), q = at(gates, 3 * size), d = at(dh);
    auto change = -n;  // h_before − n
    if (before.rows > 0) change = at(before) - n;
    const auto da_n = d * (Real(1) - z) * (Real(1) - n * n);  // da_n = dh ⊙ (1 − z) ⊙ tanh′
    const auto da_r = da_n * q * (r * (Real(1) - r));         // da_r = da_n ⊙ q ⊙ σ′
    const auto da_z = d * change * (z * (Real(1) - z));       // da_z = dh ⊙ (h_before − n) ⊙ σ′
    at.store(da_r, da);
    at.store(da_z, da, size);
    at.store(da_n, da, 2 * size);
    at.store(da_r, da_recurrent);
    at.store(da_z, da_recurrent, size);
    at.store(da_n * r, da_recurrent, 2 * size);  // dq = da_n ⊙ r: the candidate's other gradient
    if (dbefore.rows > 0) at.store(d * z, dbefore);
  }
};

}  // namespace

void GruCell::begin_forward(Index batch) {
  Cell::begin_forward(batch);
  recurrent_ = w_x().tape().workspace(batch, sizes().recurrent);
}

void GruCell::forward(ConstView x, ConstView h_before, View h, View saved) const {
  const Index size = state_size();
  const Product input[] = {{x, loop_w_x(), Zeros::skip}}, recurrent[] = {{h_before, loop_w_y()}};
  sum_of_products(input, {b().value().data}, saved.columns_from(0, 3 * size));  // x·W_x + b
  if (h_before.rows > 0) sum_of_products(recurrent, {}, recurrent_);            // h_before·U
  const ConstView b_y_rows(b_y().value().data, h.rows, size, 0, 1);
  simd::walk(h.rows, size, Forward{h_before, recurrent_, b_y_rows, saved, h, size});
}

void GruCell::begin_backward(Index batch) {
  Cell::begin_backward(batch);
  const Index rows = std::min(batch, simd::rows_at_a_time);
  da_ = w_x().tape().workspace(rows, sizes().pre_activations);
  da_recurrent_ = w_x().tape().workspace(rows, sizes().recurrent);
}

void GruCell::backward(const StepRows& step, ConstView dh, const PreActivationGradients<const PackedSlot>& da,
                       View dh_before) const {
  const Index batch = dh.rows, size = state_size();
  for (Index first = 0; first < batch; first += simd::rows_at_a_time) {
    const simd::Rows some{first, std::min(simd::rows_at_a_time, batch - first)};
    const View here = da_.rows_from(0, some.count), recurrent = da_recurrent_.rows_from(0, some.count);
    simd::walk(some.count, size,
               Backward{some.of(step.carry_before), some.of(step.saved), some.of(dh), here, recurrent,
                        some.of(dh_before), size});
    const PackedSlot input_slot{da.input.matrix, da.input.first + first, some.count};
    const PackedSlot recurrent_slot{da.recurrent.matrix, da.recurrent.first + first, some.count};
    apply_gradient(Activation::identity, here, here, input_slot, gradient_or_none(b()));  // packed; db += Σ rows of da
    apply_gradient(Activation::identity, recurrent, recurrent, recurrent_slot, View{});
    if (b_y().needs_gradient()) add_column_sums(recurrent.columns_from(2 * size, size), b_y().gradient());
  }
  // dh_before = dh ⊙ z + da·Uᵀ  (batch × 3n)·(3n × n)
  if (dh_before.rows > 0) add_product(da.recurrent, w_y_transposed(), dh_before);
}

}  // namespace rnn
