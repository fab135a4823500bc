// The same network on the tape: only the way forward is written, and the operations know their way back.
#include <span>
#include <vector>

#include "network.hpp"

import rnn.autodiff.tape;
import rnn.linalg.matrix;
import rnn.network.cell.basic;
import rnn.network.layers;
import rnn.network.loss;
import rnn.network.unroll;

namespace rnn {

Recorded record(Tape& tape, std::span<const Var> weights, const Examples& examples) {
  BasicRnnCell& cell = BasicRnnCell::make(weights[0], weights[1], weights[2]);
  UnrollOptions options{.lengths = examples.lengths};
  if (examples.initial_state.size1() > 0) options.initial_state = tape.constant(examples.initial_state);
  const Var state = final_state(cell, tape.constant(examples.x), options);  // (batch × n)
  const Var logits = dense(state, weights[3], weights[4]);                  // (batch × classes)
  return {logits, softmax_cross_entropy(logits, examples.labels)};
}

Result by_tape(const Weights& w, const Examples& examples) {
  Tape tape;
  std::vector<Var> weights;
  for (const auto& [name, matrix] : w.all()) weights.push_back(tape.variable(*matrix));
  const auto [logits, loss] = record(tape, weights, examples);
  tape.backward(loss);
  const auto gradient = [&](Index i) { return to_matrix(weights[i].gradient()); };
  return {
      to_matrix(logits.value()), loss.value()(0, 0), {gradient(0), gradient(1), gradient(2), gradient(3), gradient(4)}};
}

}  // namespace rnn
