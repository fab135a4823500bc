module;
#include <span>

/// One time step of a recurrent network.
export module rnn.network.cell;

import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;

export namespace rnn {

/// What every recurrent cell can do: one step as operations on the tape, for static unrolling, and the same step as
/// plain computations forward and backward, for the looping node. n is the size of the state.
///
/// A cell is made of Vars and lives on their tape, until the tape is cleared.
class Cell {
 public:
  /// n.
  virtual Index state_size() const = 0;
  /// Features of the input.
  virtual Index input_size() const = 0;

  /// One step on the tape. Shapes: x (batch × inputs), h_before (batch × n; an empty Var is the zero state),
  /// result (batch × n).
  virtual Var step(Var x, Var h_before) const = 0;

  // ---- the looping node's view: between begin_forward and the last forward, and between begin_backward and the last
  // ---- backward, the weights do not change

  /// Packs the weights for all steps to come.
  virtual void begin_forward() = 0;

  /// h ← the new state. Shapes: x (batch × inputs), h_before (batch × n; no rows: the zero state), h (batch × n).
  virtual void forward(ConstView x, ConstView h_before, View h) const = 0;

  virtual void begin_backward() = 0;

  /// Rows first … first + batch − 1 of da ← the gradient of the step's sums (batch × sums()), from the state h and its
  /// gradient dh (batch × n). Adds the gradients of the biases.
  virtual void backward(ConstView h, ConstView dh, PackedMatrix& da, Index first) const = 0;

  /// dh_before ← the gradient of the state before (batch × n).
  virtual void backward_state(const PackedRows& da, View dh_before) const = 0;

  /// dx ← dx + the gradient of the input; rows as in backward_weights.
  virtual void backward_input(const PackedRows& da, View dx) const = 0;

  /// Adds the gradients of the weights. The rows may be those of any number of steps, as long as they go together:
  /// x (rows × inputs), h_before (rows × n; no rows: the zero state), da (rows × sums()).
  virtual void backward_weights(ConstView x, ConstView h_before, const PackedRows& da) const = 0;

  /// Columns of da: how many sums a step has for each example.
  virtual Index sums() const = 0;

  /// The weights, for the graph.
  virtual std::span<const Var> weights() const = 0;

 protected:
  ~Cell() = default;  // cells live on a tape and are never destroyed one by one
};

/// The notebook's BasicRNNCell: h = f(x·W_x + h_before·W_y + b), f = tanh unless said otherwise.
class BasicRnnCell final : public Cell {
 public:
  /// A cell on the tape of its weights. Shapes: w_x (inputs × n), w_y (n × n), b (1 × n).
  /// Throws std::invalid_argument when they do not fit, or when f is the identity.
  static BasicRnnCell& make(Var w_x, Var w_y, Var b, Activation f = Activation::tanh);

  Index state_size() const override;
  Index input_size() const override;
  Var step(Var x, Var h_before) const override;
  void begin_forward() override;
  void forward(ConstView x, ConstView h_before, View h) const override;
  void begin_backward() override;
  void backward(ConstView h, ConstView dh, PackedMatrix& da, Index first) const override;
  void backward_state(const PackedRows& da, View dh_before) const override;
  void backward_input(const PackedRows& da, View dx) const override;
  void backward_weights(ConstView x, ConstView h_before, const PackedRows& da) const override;
  Index sums() const override;
  std::span<const Var> weights() const override;

 private:
  BasicRnnCell(Var w_x, Var w_y, Var b, Activation f) : weights_{w_x, w_y, b}, f_(f) {}
  Var weights_[3];  // w_x, w_y, b
  Activation f_;
  const PackedMatrix* w_x_ = nullptr;
  const PackedMatrix* w_y_ = nullptr;
  const PackedMatrix* w_y_transposed_ = nullptr;
};

}  // namespace rnn
