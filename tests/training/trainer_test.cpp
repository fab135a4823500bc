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
import rnn.base.random;
import rnn.cases.recorded_case;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.initializers;
import rnn.training.data_parallel;
import rnn.training.trainer;

using namespace rnn;

namespace {

const std::filesystem::path cases = std::filesystem::path(std::getenv("RECORDED_CASES")) / "pytorch";

// The examples of a shard from a recorded batch.
Tile recorded_tile(Tape& tape, const Case::Batch& batch, const Shard& shard) {
  const Index steps = batch.inputs.steps();
  const View x = tape.workspace(steps * shard.count, batch.inputs.features());
  for (Index t = 0; t < steps; ++t) {
    copy(batch.inputs[t].rows_from(shard.first, shard.count), x.rows_from(t * shard.count, shard.count));
  }
  const std::span<const Index> labels = std::span<const Index>(batch.labels).subspan(shard.first, shard.count);
  return {{tape.constant(x), steps, shard.count}, tape.keep(labels)};
}

}  // namespace

BOOST_AUTO_TEST_CASE(five_steps_of_adam_are_pytorchs) {
  for (const char* file : {"training_0.json", "training_1.json"}) {
    const Case recorded = read_case(cases / file);
    const auto& weights = recorded.weights;
    Classifier network(
        {.inputs = weights.w_x.size1(), .hidden = weights.w_x.size2(), .classes = weights.b_out->size2()});
    copy(weights.w_x, network.parameters["w_x"]);
    copy(weights.w_y, network.parameters["w_y"]);
    copy(weights.b, network.parameters["b"]);
    copy(*weights.w_out, network.parameters["w_out"]);
    copy(*weights.b_out, network.parameters["b_out"]);
    Trainer trainer(network, {.adam = {.learning_rate = *recorded.learning_rate}, .threads = 2});
    std::vector<Real> losses;
    for (const Case::Batch& batch : recorded.batches) {
      const auto tile = [&](Tape& tape, const Shard& shard) { return recorded_tile(tape, batch, shard); };
      losses.push_back(Real(trainer.step(batch.labels.size(), std::ref(tile))));
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
