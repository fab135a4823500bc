#pragma once
// The network of chapter 06 and its trainer, as the benchmarks use it.

#include <algorithm>
#include <cstdint>
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
      : network({.inputs = data.images.columns, .cell = cell}),
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

/// The same images with ink everywhere: products with pixels that are zero are left out, and what is compared with a
/// limit, or with someone who multiplies by zero too, should count what was computed.
inline Dataset with_ink(Dataset data) {
  for (std::uint8_t& pixel : data.images.pixels) pixel = std::max<std::uint8_t>(pixel, 1);
  return data;
}

/// The same pixels in so many steps: 28 rows of 28, or 784 of one.
inline Dataset in_steps(Dataset data, Index steps) {
  Images& images = data.images;
  images.columns = images.rows * images.columns / steps;
  images.rows = steps;
  return data;
}

}  // namespace rnn::bench
