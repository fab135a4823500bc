/// The same network on the tape, with any kind of cell: only the forward pass is written, and the operations know their
/// backward passes.
export module backpropagation.by_tape;

import backpropagation.network;
import rnn.autodiff.tape;
import rnn.base.std;

export namespace backpropagation {

/// Forward and backward, for any number of steps. `cell` is the name of a kind of cell; its weights come first.
Result by_tape(const std::string& cell, const NamedMatrices& weights, const Examples& examples);

/// The network on a tape, from the weights' Vars in their order.
struct Recorded {
  rnn::Var logits, loss;
};
Recorded record(rnn::Tape& tape, const std::string& cell, std::span<const rnn::Var> weights, const Examples& examples);

}  // namespace backpropagation
