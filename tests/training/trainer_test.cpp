#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

import rnn.autodiff.tape;
import rnn.cases.classifier;
import rnn.cases.recorded_case;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.loss;
import rnn.training.shards;
import rnn.training.trainer;

using namespace rnn;

namespace {

const std::filesystem::path cases = std::getenv("RECORDED_CASES");

// The loss of a shard of a recorded batch.
Var loss_of(const Classifier& network, Tape& tape, const Case::Batch& batch, const Shard& shard, View gradients) {
  const Index steps = batch.inputs.steps();
  const View x = tape.workspace(steps * shard.count, batch.inputs.features());
  for (Index t = 0; t < steps; ++t) {
    copy(batch.inputs[t].rows_from(shard.first, shard.count), x.rows_from(t * shard.count, shard.count));
  }
  const std::span<const Index> labels = std::span<const Index>(batch.labels).subspan(shard.first, shard.count);
  const Var logits = network.logits({{tape.constant(x), steps, shard.count}}, gradients);
  return softmax_cross_entropy(logits, labels, batch.labels.size());
}

}  // namespace

BOOST_AUTO_TEST_CASE(five_steps_of_adam_are_pytorchs) {
  for (const char* file : {"pytorch/training_0.json", "pytorch/training_1.json", "pytorch_gated/gru_training_0.json",
                           "pytorch_gated/lstm_training_0.json"}) {
    const Case recorded = read_case(cases / file);
    Classifier network = classifier_of(recorded);
    Trainer trainer(network.parameters, {.adam = {.learning_rate = *recorded.learning_rate}, .threads = 2});
    std::vector<Real> losses;
    for (const Case::Batch& batch : recorded.batches) {
      losses.push_back(Real(trainer.step(batch.labels.size(), [&](Tape& tape, const Shard& shard, View gradients) {
        return loss_of(network, tape, batch, shard, gradients);
      })));
    }
    for (const auto& [key, want] : recorded.expected) {
      ConstView got(losses.data(), 1, losses.size());
      if (key != "losses") got = network.parameters[key.substr(std::string("weights.").size())];
      BOOST_REQUIRE_EQUAL(got.size(), want.numbers.size());
      double worst = 0;
      for (Index i = 0; i < got.size(); ++i) worst = std::max(worst, std::abs(double(got.data[i] - want.numbers[i])));
      BOOST_TEST_MESSAGE(file << " " << key << ": largest difference " << worst);
      BOOST_TEST(worst <= (sizeof(Real) == 4 ? 1e-5 : 1e-9));
    }
  }
}
