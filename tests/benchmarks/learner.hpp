#pragma once
// The network of chapter 06 and its trainer, as the benchmarks use it.

import rnn.base.random;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.initializers;
import rnn.training.trainer;

namespace rnn::bench {

struct Learner {
  Learner(Index batch, unsigned threads) : trainer(network, {.batch = batch, .threads = threads}) {
    Engine engine = seeded(combine_seeds({1}));
    network.initialize(engine);
  }

  Classifier network{{}};
  Trainer trainer;
  Index epoch = 0;
};

}  // namespace rnn::bench
