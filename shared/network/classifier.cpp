module;
#include <span>

module rnn.network.classifier;

import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.initializers;
import rnn.network.layers;
import rnn.network.parameters;
import rnn.network.unroll;

namespace rnn {

Classifier::Classifier(const ClassifierShape& shape) : shape_(shape) {
  parameters.add("w_x", shape.inputs, shape.hidden);
  parameters.add("w_y", shape.hidden, shape.hidden);
  parameters.add("b", 1, shape.hidden);
  parameters.add("w_out", shape.hidden, shape.classes);
  parameters.add("b_out", 1, shape.classes);
}

void Classifier::initialize(Engine& engine) {
  const auto [inputs, hidden, classes, activation] = shape_;
  glorot_uniform(parameters["w_x"], engine, inputs + hidden, hidden);
  glorot_uniform(parameters["w_y"], engine, inputs + hidden, hidden);
  glorot_uniform(parameters["w_out"], engine, hidden, classes);
  zeros(parameters["b"]);
  zeros(parameters["b_out"]);
}

static Var network(const SequenceInput& input, const Var (&weights)[5], Activation f) {
  const auto& [w_x, w_y, b, w_out, b_out] = weights;
  BasicRnnCell& cell = BasicRnnCell::make(w_x, w_y, b, f);
  const SequenceVar x = dropout(input.x, input.dropout.keep, input.dropout.seed);  // (T × batch × inputs)
  const Var state = final_state(cell, x, {.lengths = input.lengths});              // (batch × n)
  return dense(state, w_out, b_out);                                               // (batch × classes)
}

Var Classifier::logits(const SequenceInput& input, View gradients) const {
  Tape& tape = input.x.rows.tape();
  const auto weight = [&](Index i) { return parameters.on(tape, i, gradients); };
  return network(input, {weight(0), weight(1), weight(2), weight(3), weight(4)}, shape_.activation);
}

Var Classifier::logits(const SequenceInput& input) const {
  Tape& tape = input.x.rows.tape();
  const auto weight = [&](Index i) { return tape.constant(parameters[i], parameters.entries()[i].name.c_str()); };
  return network(input, {weight(0), weight(1), weight(2), weight(3), weight(4)}, shape_.activation);
}

}  // namespace rnn
