module;
#include <filesystem>
#include <iostream>
#include <vector>

module backpropagation.replay;

import backpropagation.by_tape;
import backpropagation.network;
import rnn.cases.recorded_case;
import rnn.linalg.matrix;

using namespace rnn;

namespace backpropagation {

int replay(const std::filesystem::path& file, bool json) {
  const Case recorded = read_case(file);
  require_kind(recorded, {.needs = {"inputs", "labels", "weights.w_out"},
                          .accepts = {"lengths", "initial_state"},
                          .computes = {"logits", "loss", "gradients.*"},
                          .steps = {}});
  const Result result = by_tape(recorded.cell, recorded.weights,
                                {.x = *recorded.inputs,
                                 .labels = *recorded.labels,
                                 .lengths = recorded.lengths.value_or(std::vector<Index>{}),
                                 .initial_state = recorded.initial_state.value_or(Matrix{})});
  Replay replay(recorded);
  replay.add("logits", result.logits);
  replay.add("loss", result.loss);
  for (const auto& [name, gradient] : result.gradients.all) replay.add("gradients." + name, gradient);
  return replay.finish(std::cout, json);
}

}  // namespace backpropagation
