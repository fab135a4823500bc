module;
#include <span>
#include <string>
#include <vector>

module rnn.network.classifier;

import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.initializers;
import rnn.network.layers;
import rnn.network.parameters;
import rnn.network.unroll;

namespace rnn {

Classifier::Classifier(const ClassifierShape& shape) : shape_(shape), kind_(&find_cell_kind(shape.cell)) {
  for (const auto& [name, rows, columns] : kind_->parameters(shape.inputs, shape.hidden)) {
    parameters.add(name, rows, columns);
  }
  parameters.add("w_out", shape.hidden, shape.classes);
  parameters.add("b_out", 1, shape.classes);
}

void Classifier::initialize(Engine& engine) {
  std::vector<View> weights;
  for (Index i = 0; i + 2 < parameters.entries().size(); ++i) weights.push_back(parameters[i]);
  kind_->initialize(weights, engine);
  glorot_uniform(parameters["w_out"], engine, shape_.hidden, shape_.classes);
  zeros(parameters["b_out"]);
}

// The parameters on the tape; with gradients, unless the tape only evaluates and there are none.
Classifier::OnTape Classifier::on_tape(Tape& tape, View gradients) const {
  thread_local std::vector<Var> weights;  // keeps its memory from call to call
  weights.clear();
  for (Index i = 0; i < parameters.entries().size(); ++i) {
    weights.push_back(gradients.empty() ? tape.constant(parameters[i], parameters.entries()[i].name.c_str())
                                        : parameters.on(tape, i, gradients));
  }
  const std::span<const Var> of_cell(weights.data(), weights.size() - 2);
  return {kind_->make(of_cell, shape_.activation), weights[of_cell.size()], weights[of_cell.size() + 1]};
}

// Keeping every state is faster by a fifth than computing most of them again, but memory must not grow without bounds:
// this much for each shard.
static Keep what_to_keep(const Cell& cell, const SequenceVar& x) {
  constexpr Index most = 64 * 1024 * 1024;  // bytes
  const Index bytes = x.rows.rows() * (cell.sizes().carry + cell.sizes().saved) * sizeof(Real);
  return bytes > most ? Keep::square_root_states : Keep::every_state;
}

Var Classifier::logits(const SequenceInput& input, View gradients) const {
  const auto [cell, w_out, b_out] = on_tape(input.x.rows.tape(), gradients);
  const SequenceVar x = dropout(input.x, input.dropout.keep, input.dropout.seed);  // (T × batch × inputs)
  const Keep keep = what_to_keep(cell, x);
  const Var state = final_state(cell, x, {.lengths = input.lengths}, keep);  // (batch × n)
  return dense(state, w_out, b_out);                                         // (batch × classes)
}

Var Classifier::logits(const SequenceInput& input) const { return logits(input, View{}); }

Classifier::EveryStep Classifier::every_step(const SequenceInput& input) const {
  const auto [cell, w_out, b_out] = on_tape(input.x.rows.tape(), View{});
  const Var states = unroll_dynamic(cell, input.x, {.lengths = input.lengths}).outputs.rows;  // (T·batch × n)
  return {states, dense(states, w_out, b_out)};
}

}  // namespace rnn
