#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.base.random;
import rnn.data.digits;
import rnn.data.images;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.initializers;
import rnn.training.classification;
import rnn.training.trainer;

using namespace rnn;
using namespace exercise;

static int differences(const Settings& a, const Settings& b) {
  return (a.hidden != b.hidden) + (a.learning_rate != b.learning_rate) + (a.keep != b.keep) +
         (a.dropout_in_evaluation != b.dropout_in_evaluation) + (a.relu != b.relu);
}

// A short training, the same for everybody: the share of digits that it reads afterward.
static double train(const Settings& settings) {
  static const Dataset learn = draw_digits(3000, 1), judge = draw_digits(1000, 2);
  Classifier network({.hidden = settings.hidden, .activation = settings.relu ? Activation::relu : Activation::tanh});
  Engine engine = seeded(1);
  network.initialize(engine);
  const Classification task(network, learn,
                            {.batch = 100,
                             .keep = static_cast<Real>(settings.keep),
                             .dropout_in_evaluation = settings.dropout_in_evaluation});
  Trainer trainer(network.parameters, {.adam = {.learning_rate = static_cast<Real>(settings.learning_rate)}});
  for (Index epoch = 0; epoch < 4; ++epoch) task.train_epoch(trainer, epoch);
  return task.accuracy(judge, trainer.shards());
}

const std::vector<Test> exercise::tests = {
    {"exactly one thing is changed",
     [] {
       const Settings chosen = better_settings();
       const int found = differences(chosen, Settings{});
       require(found == 1, "fields that differ", "1", std::to_string(found), "better_settings in your file");
       require(chosen.hidden >= 1 && chosen.hidden <= 200, "hidden", "1 to 200", std::to_string(chosen.hidden),
               "training has to finish within seconds");
     }},
    {"it gets more digits right than the notebook's settings",
     [] {
       const Settings chosen = better_settings();
       const double notebook = train(Settings{}), yours = train(chosen);
       std::printf("          the notebook's settings read %.1f %%, yours %.1f %%\n", 100 * notebook, 100 * yours);
       require(yours >= notebook + 0.03, "the accuracy after 4 epochs", "at least " + std::to_string(notebook + 0.03),
               std::to_string(yours),
               "what holds back such a short training run: what the network sees, or how large its steps are?");
     }},
};
