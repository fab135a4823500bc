module;
#include <filesystem>
#include <iostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

module mnist.replay;

import rnn.autodiff.tape;
import rnn.cases.classifier;
import rnn.cases.recorded_case;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.loss;
import rnn.network.parameters;
import rnn.training.shards;
import rnn.training.trainer;

using namespace rnn;

namespace mnist {

// The loss of a shard of a recorded batch.
static Var loss_of(const Classifier& network, Tape& tape, const Case::Batch& batch, const Shard& shard,
                   View gradients) {
  const Index steps = batch.inputs.steps(), m = shard.count;
  const View x = tape.workspace(steps * m, batch.inputs.features());
  for (Index t = 0; t < steps; ++t) copy(batch.inputs[t].rows_from(shard.first, m), x.rows_from(t * m, m));
  SequenceInput input{{tape.constant(x), steps, m}};
  if (batch.lengths) input.lengths = std::span(*batch.lengths).subspan(shard.first, m);
  const std::span<const Index> labels = std::span(batch.labels).subspan(shard.first, m);
  return softmax_cross_entropy(network.logits(input, gradients), labels, batch.labels.size());
}

int replay(const std::filesystem::path& file, bool json, unsigned threads) {
  const Case recorded = read_case(file);
  require_kind(recorded, {.needs = {"batches", "learning_rate", "weights.w_out"},
                          .accepts = {"batches.lengths"},
                          .computes = {"losses", "weights.*"},
                          .steps = {}});

  Classifier network = classifier_of(recorded);
  Trainer trainer(network.parameters, {.adam = {.learning_rate = *recorded.learning_rate}, .threads = threads});
  std::vector<Real> losses;
  for (const Case::Batch& batch : recorded.batches) {
    const double loss = trainer.step(batch.labels.size(), [&](Tape& tape, const Shard& shard, View gradients) {
      return loss_of(network, tape, batch, shard, gradients);
    });
    losses.push_back(static_cast<Real>(loss));
  }

  Replay replay(recorded);
  replay.add("losses", losses);
  for (Index i = 0; i < network.parameters.entries().size(); ++i) {
    replay.add("weights." + network.parameters.entries()[i].name, std::as_const(network.parameters)[i]);
  }
  return replay.finish(std::cout, json);
}

}  // namespace mnist
