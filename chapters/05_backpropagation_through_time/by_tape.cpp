module;
#include <span>
#include <string>
#include <vector>

module backpropagation.by_tape;

import backpropagation.network;
import rnn.autodiff.tape;
import rnn.cases.recorded_case;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.layers;
import rnn.network.loss;
import rnn.network.unroll;

using namespace rnn;

namespace backpropagation {

Recorded record(Tape& tape, const std::string& cell_name, std::span<const Var> weights, const Examples& examples) {
  const std::size_t of_cell = weights.size() - 2;  // then come w_out and b_out
  Cell& cell = find_cell_kind(cell_name).make(weights.first(of_cell), Activation::tanh);
  UnrollOptions options{.lengths = examples.lengths};
  if (examples.initial_state.size1() > 0) options.initial_state = tape.constant(examples.initial_state);
  const Var state = final_state(cell, tape.constant(examples.x), options);  // (batch × n)
  const Var logits = dense(state, weights[of_cell], weights[of_cell + 1]);  // (batch × classes)
  return {logits, softmax_cross_entropy(logits, examples.labels)};
}

Result by_tape(const std::string& cell, const NamedMatrices& weights, const Examples& examples) {
  Tape tape;
  std::vector<Var> vars;
  for (const auto& [name, matrix] : weights.all) vars.push_back(tape.variable(matrix));
  const auto [logits, loss] = record(tape, cell, vars, examples);
  tape.backward(loss);
  Result result{to_matrix(logits.value()), loss.value()(0, 0), {}};
  for (Index i = 0; i < vars.size(); ++i) {
    result.gradients.all.emplace_back(weights.all[i].first, to_matrix(vars[i].gradient()));
  }
  return result;
}

}  // namespace backpropagation
