/// The notebook's network: a recurrent layer over a sequence, and a dense layer on its last state.
export module rnn.network.classifier;

import rnn.autodiff.tape;
import rnn.base.std;
import rnn.data.images;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.initializers;
import rnn.network.parameters;

export namespace rnn {

struct ClassifierShape {
  Index inputs = 28;   // features of a time step
  Index hidden = 100;  // n, the recurrent neurons
  Index classes = 10;
  Activation activation = Activation::tanh;
  std::string cell = "rnn";  // the name of a kind of cell
  ImageSteps steps = {};     // what the inputs are, where the sequences are images
};

/// Dropout on the cell's input: keep = 1 means none.
struct Dropout {
  Real keep = 1;
  std::uint64_t seed = 0;
};

/// What the network reads.
struct SequenceInput {
  SequenceVar x;                        // (T × batch × inputs)
  std::span<const Index> lengths = {};  // one for each example, or none: all are full
  Dropout dropout = {};
};

class Classifier {
 public:
  /// The cell's parameters, w_out (n × classes) and b_out (1 × classes), all zero. Throws std::invalid_argument when
  /// there is no such cell.
  explicit Classifier(const ClassifierShape& shape);

  /// Draws the cell's weights as its kind does; Glorot's uniform numbers for w_out, zeros for b_out.
  void initialize(Engine& engine);

  /// logits = h_T·W_out + b_out, (batch × classes), where h_T is the state after the last valid step. Shapes: x
  /// (T × batch × inputs), lengths one for each example or none. The parameters' gradients are added to `gradients`,
  /// laid out as `parameters`. Carries and saved values of all steps are kept for the backward pass where they fit into
  /// 64 MiB; otherwise most of them are recomputed, with the same bits (see Keep).
  Var logits(const SequenceInput& input, View gradients) const;

  /// The same on a tape that only evaluates.
  Var logits(const SequenceInput& input) const;

  /// What the network would say after each step of a sequence, on a tape that only evaluates.
  struct EveryStep {
    Var states;  // (T·batch × n)
    Var logits;  // (T·batch × classes)
  };
  EveryStep every_step(const SequenceInput& input) const;

  inline const ClassifierShape& shape() const { return shape_; }
  inline const CellKind& cell() const { return *kind_; }

  Parameters parameters;

 private:
  struct OnTape {
    Cell& cell;
    Var w_out, b_out;
  };
  OnTape on_tape(Tape& tape, View gradients) const;

  ClassifierShape shape_;
  const CellKind* kind_;
};

}  // namespace rnn
