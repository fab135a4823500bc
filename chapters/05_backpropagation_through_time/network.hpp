#pragma once
// The network of this chapter: a recurrent layer of n neurons, and on its last state a dense layer that gives one
// logit for each class. The loss is the mean cross-entropy over the batch.
#include <span>
#include <string>
#include <utility>
#include <vector>

import rnn.autodiff.tape;
import rnn.linalg.matrix;

namespace rnn {

/// The weights, or as many gradients, or anything else of their shapes.
struct Weights {
  Matrix w_x;    // (inputs × n)
  Matrix w_y;    // (n × n)
  Matrix b;      // (1 × n)
  Matrix w_out;  // (n × classes)
  Matrix b_out;  // (1 × classes)

  /// Each with its name.
  std::vector<std::pair<std::string, const Matrix*>> all() const {
    return {{"w_x", &w_x}, {"w_y", &w_y}, {"b", &b}, {"w_out", &w_out}, {"b_out", &b_out}};
  }
};

struct Examples {
  Sequence x;                       // (time × batch × inputs)
  std::vector<Index> labels;        // one for each example
  std::vector<Index> lengths = {};  // valid steps of each example; empty: all are full
  Matrix initial_state = Matrix();  // (batch × n); empty: zero
};

struct Result {
  Matrix logits;  // (batch × classes)
  Real loss;
  Weights gradients;  // ∂loss/∂weights
};

/// Forward and backward through three steps, each line written out. Throws std::invalid_argument for other examples.
Result by_hand(const Weights& w, const Examples& examples);

/// The same from the tape, for any number of steps.
Result by_tape(const Weights& w, const Examples& examples);

/// The network on a tape: the weights' Vars in the order of Weights.
struct Recorded {
  Var logits, loss;
};
Recorded record(Tape& tape, std::span<const Var> weights, const Examples& examples);

}  // namespace rnn
