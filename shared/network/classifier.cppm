module;
#include <cstdint>
#include <span>

/// The notebook's network: a recurrent layer over a sequence, and a dense layer on its last state.
export module rnn.network.classifier;

import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.initializers;
import rnn.network.parameters;

export namespace rnn {

struct ClassifierShape {
  Index inputs = 28;   // features of a time step
  Index hidden = 100;  // n, the recurrent neurons
  Index classes = 10;
  Activation activation = Activation::tanh;
};

/// Dropout on the cell's input: keep = 1 is none.
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
  /// Parameters w_x (inputs × n), w_y (n × n), b (1 × n), w_out (n × classes), b_out (1 × classes), all zero.
  explicit Classifier(const ClassifierShape& shape);

  /// Glorot uniform weights as TensorFlow draws them, zero biases.
  void initialize(Engine& engine);

  /// logits = h_T·W_out + b_out, (batch × classes), where h_T is the state after the last valid step. Shapes: x
  /// (T × batch × inputs), lengths one for each example or none. The parameters' gradients are added to `gradients`,
  /// laid out as `parameters`.
  Var logits(const SequenceInput& input, View gradients) const;

  /// The same on a tape that only evaluates.
  Var logits(const SequenceInput& input) const;

  inline const ClassifierShape& shape() const { return shape_; }

  Parameters parameters;

 private:
  ClassifierShape shape_;
};

}  // namespace rnn
