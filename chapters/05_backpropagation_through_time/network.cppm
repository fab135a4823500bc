/// The network of this chapter: a recurrent layer of n neurons, and on its last state a dense layer that gives one
/// logit for each class. The loss is the mean cross-entropy over the batch.
export module backpropagation.network;

import rnn.base.std;
import rnn.cases.recorded_case;
import rnn.linalg.matrix;

export namespace backpropagation {

using rnn::Index;
using rnn::Matrix;
using rnn::NamedMatrices;
using rnn::Real;

struct Examples {
  rnn::Sequence x;                  // (time × batch × inputs)
  std::vector<Index> labels;        // one for each example
  std::vector<Index> lengths = {};  // valid steps of each example; empty: all are full
  Matrix initial_state = Matrix();  // (batch × carry); empty: zero
};

/// Gradients have the names of the weights: those of the cell, w_out (n × classes) and b_out (1 × classes).
struct Result {
  Matrix logits;  // (batch × classes)
  Real loss;
  NamedMatrices gradients;  // ∂loss/∂weights
};

/// Two sequences of three steps of two inputs, three neurons, two classes: small enough to look at every number.
struct Tiny {
  /// Inputs and weights are random. `cell` is the name of a kind of cell.
  Tiny(const std::string& cell, std::uint64_t seed);

  std::string cell;
  NamedMatrices weights;
  Examples examples;
};

}  // namespace backpropagation
