#pragma once
// The network of chapter 06 and its trainer, as the benchmarks use it.

#include <string>

import rnn.base.random;
import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.initializers;
import rnn.training.classification;
import rnn.training.trainer;

namespace rnn::bench {

struct Learner {
  Learner(const Dataset& data, Index batch, unsigned threads, const std::string& cell = "rnn")
      : network({.cell = cell}),
        task(network, data, {.batch = batch}),
        trainer(network.parameters, {.threads = threads}) {
    Engine engine = seeded(combine_seeds({1}));
    network.initialize(engine);
  }
  void train() { task.train_epoch(trainer, epoch++); }
  void evaluate(const Dataset& data) { task.accuracy(data, trainer.shards()); }

  Classifier network;
  Classification task;
  Trainer trainer;
  Index epoch = 0;
};

}  // namespace rnn::bench
