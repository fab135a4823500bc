module;
#include <filesystem>
#include <iostream>
#include <span>
#include <vector>

module gated_cells.replay;

import gated_cells.by_hand;
import rnn.autodiff.tape;
import rnn.cases.classifier;
import rnn.cases.recorded_case;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.classifier;
import rnn.network.loss;
import rnn.network.parameters;

using namespace rnn;

namespace gated_cells {

// The states of all steps, one by hand after the other.
static int replay_states(const Case& recorded, bool json) {
  require_kind(recorded, {.needs = {"inputs"},
                          .accepts = {"lengths", "initial_state"},
                          .computes = {"outputs", "state", "cell_state"},
                          .steps = {}});
  const Sequence& x = *recorded.inputs;
  const Index n = recorded.weights["w_y"].size1(), size = find_cell_kind(recorded.cell).carry(n);
  Matrix carry = recorded.initial_state.value_or(Matrix(x.batch(), size, Real(0)));
  Sequence outputs(x.steps(), x.batch(), n);  // zero past the end of a sequence
  for (Index t = 0; t < x.steps(); ++t) {
    const Step step = step_by_hand(recorded.cell, recorded.weights, x[t], carry);
    for (Index i = 0; i < x.batch(); ++i) {
      if (recorded.lengths && t >= (*recorded.lengths)[i]) continue;  // over: this row keeps its carry
      const ConstView row = ConstView(step.carry).rows_from(i, 1);
      copy(row, View(carry).rows_from(i, 1));
      copy(row.columns_from(0, n), outputs[t].rows_from(i, 1));
    }
  }
  Replay replay(recorded);
  replay.add("outputs", outputs);
  replay.add("state", ConstView(carry).columns_from(0, n));
  if (size > n) replay.add("cell_state", ConstView(carry).columns_from(n, n));
  return replay.finish(std::cout, json);
}

static int replay_gradients(const Case& recorded, bool json) {
  require_kind(recorded, {.needs = {"inputs", "labels", "weights.w_out"},
                          .accepts = {"lengths"},
                          .computes = {"logits", "loss", "gradients.*"},
                          .steps = {}});
  Classifier network = classifier_of(recorded);
  Matrix gradients(1, network.parameters.flat().columns, Real(0));
  Tape tape;
  SequenceInput input{tape.constant(*recorded.inputs)};
  if (recorded.lengths) input.lengths = *recorded.lengths;
  const Var logits = network.logits(input, gradients);
  const Var loss = softmax_cross_entropy(logits, *recorded.labels);
  tape.backward(loss);

  Replay replay(recorded);
  replay.add("logits", logits.value());
  replay.add("loss", loss.value()(0, 0));
  for (Index i = 0; i < network.parameters.entries().size(); ++i) {
    replay.add("gradients." + network.parameters.entries()[i].name, network.parameters.part(gradients, i));
  }
  return replay.finish(std::cout, json);
}

int replay(const std::filesystem::path& file, bool json) {
  const Case recorded = read_case(file);
  return recorded.labels ? replay_gradients(recorded, json) : replay_states(recorded, json);
}

}  // namespace gated_cells
