/// The contract between a recurrent cell, which is the arithmetic of one time step, and the code that repeats it over a
/// sequence.
export module rnn.network.cell;

import rnn.autodiff.tape;
import rnn.base.std;
import rnn.linalg.activation;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;
import rnn.network.initializers;

export namespace rnn {

/// The sizes of a cell, in numbers for each example.
struct CellSizes {
  Index inputs;           // features of a step's input
  Index outputs;          // n, the size of the output
  Index carry;            // what goes from step to step; the output is its first n columns
  Index saved;            // what a step also keeps for its backward pass; 0: nothing
  Index pre_activations;  // columns of a = x·W_x + …
  Index recurrent = 0;    // columns of their gradients on the recurrent side, if those differ; 0: they do not
};

/// One time step, or several consecutive ones, as the backward pass sees them. `rows` is the batch times the steps.
struct StepRows {
  ConstView x;             // (rows × inputs)
  ConstView carry_before;  // (rows × carry); no rows: zero
  ConstView carry;         // (rows × carry)
  ConstView saved;         // (rows × saved)
};

/// Gradients of the pre-activations of a group of steps, packed for the products that follow. If the recurrent side has
/// no gradients of its own, `recurrent` is the same matrix as `input`.
template <class Rows>
struct PreActivationGradients {
  Rows& input;      // (rows × pre_activations): what multiplies x and the bias
  Rows& recurrent;  // (rows × recurrent): what multiplies h_before
};

/// A recurrent cell: (x, carry) → carry. The code that unrolls it knows nothing else about it.
///
/// A cell is made of Vars and lives on their tape until the tape is cleared. Its weights are w_x (inputs ×
/// pre-activations), w_y (n × as many) and b (1 × as many), in this order, followed by any others that it needs. The
/// implementations here are for pre-activations x·W_x + h_before·W_y + b; a cell that multiplies something else by its
/// weights overrides them.
class Cell {
 public:
  inline const CellSizes& sizes() const { return sizes_; }
  /// n, the size of the cell's output.
  inline Index state_size() const { return sizes_.outputs; }
  inline std::span<const Var> weights() const { return weights_; }

  /// The output in a carry on the tape, (batch × n): its first n columns.
  Var output(Var carry) const;

  /// One step as operations on the tape, for static unrolling. Shapes: x (batch × inputs), carry_before (batch × carry;
  /// an empty Var is zero), result (batch × carry).
  virtual Var step(Var x, Var carry_before) const = 0;

  // ---- The looping node's view. Between begin_forward and the last forward, and between begin_backward and the last
  // ---- backward, the weights do not change.

  /// Packs the weights, and takes workspaces for steps of `batch` examples from the tape.
  virtual void begin_forward(Index batch);

  /// carry ← the step's result, saved ← what its backward pass will need. Shapes: x (batch × inputs), carry_before
  /// (batch × carry; no rows: zero), carry (batch × carry), saved (batch × saved).
  virtual void forward(ConstView x, ConstView carry_before, View carry, View saved) const = 0;

  virtual void begin_backward(Index batch);

  /// da (batch × pre-activations) ← the gradients of the step's pre-activations; dcarry_before (batch × carry) ← the
  /// gradient of the carry before, through the gates and through the products; it has no rows when it is not wanted.
  /// Adds the gradients of the biases. dcarry (batch × carry) is the gradient of the step's result.
  virtual void backward(const StepRows& step, ConstView dcarry, const PreActivationGradients<const PackedSlot>& da,
                        View dcarry_before) const = 0;

  /// Adds the gradients of the weights that take part in products, for any number of steps at once.
  virtual void backward_weights(const StepRows& steps, const PreActivationGradients<const PackedRows>& da) const;

  /// dx (rows × inputs) ← dx + the gradient of the inputs.
  virtual void backward_input(const PreActivationGradients<const PackedRows>& da, View dx) const;

 protected:
  /// Throws std::invalid_argument, with the cell's name, unless the shapes of the weights fit the sizes.
  Cell(const char* name, const CellSizes& sizes, std::span<const Var> weights);
  ~Cell() = default;  // cells live on a tape and are never destroyed individually

  /// The first n columns of a carry; no rows where the carry has none.
  ConstView state(ConstView carry) const;
  inline Var w_x() const { return weights_[0]; }
  inline Var w_y() const { return weights_[1]; }
  inline Var b() const { return weights_[2]; }
  /// The weights, packed for the products of the loop: from begin_forward on, and the transpose from begin_backward on.
  inline const PackedMatrix& loop_w_x() const { return *loop_w_x_; }
  inline const PackedMatrix& loop_w_y() const { return *loop_w_y_; }
  inline const PackedMatrix& w_y_transposed() const { return *w_y_transposed_; }

 private:
  CellSizes sizes_;
  std::span<const Var> weights_;  // kept on the tape
  const PackedMatrix* loop_w_x_ = nullptr;
  const PackedMatrix* loop_w_y_ = nullptr;
  const PackedMatrix* w_y_transposed_ = nullptr;
};

/// The gradient of a weight, or a view without columns when it needs none.
View gradient_or_none(Var weight);

/// A parameter of a kind of cell.
struct CellParameter {
  std::string name;  // as in files and recorded cases: "w_x"
  Index rows, columns;
};

/// A kind of cell: the name by which options, files of weights and recorded cases know it, and everything that can be
/// known before there are weights. The sizes inputs × outputs are those of CellSizes.
struct CellKind {
  const char* name;  // "gru"
  /// Names and shapes, in the order of Cell::weights.
  std::vector<CellParameter> (*parameters)(Index inputs, Index outputs);
  /// How many numbers of each example go from step to step.
  Index (*carry)(Index outputs);
  /// Draws the weights with which training starts; the views have the shapes of `parameters`.
  void (*initialize)(std::span<const View> weights, Engine& engine);
  /// A cell on the tape of its weights. Throws std::invalid_argument when the shapes do not fit, or when the kind does
  /// not have this activation.
  Cell& (*make)(std::span<const Var> weights, Activation activation);
};

/// The description of a cell class, from its static members.
template <class C>
constexpr CellKind kind_of = {C::name, C::parameters, C::carry, C::initialize, C::make};

/// Draws w_x (inputs × k·n) and w_y (n × k·n) from Glorot's uniform distribution for one gate: fan_in = inputs + n,
/// fan_out = n.
void initialize_gates(View w_x, View w_y, Engine& engine);

}  // namespace rnn
