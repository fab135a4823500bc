module;
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>

module rnn.training.evaluation;

import rnn.autodiff.tape;
import rnn.base.error;
import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.image_steps;
import rnn.training.data_parallel;
import rnn.training.shards;

namespace rnn {

Matrix logits_of(const Classifier& network, const Images& images, DataParallel& threads) {
  Matrix logits(images.count, network.shape().classes);
  threads.sum(images.count, [&](Tape& tape, const Shard& shard) {
    std::uint32_t numbers[largest_shard];
    const std::span<std::uint32_t> which(numbers, shard.count);
    std::iota(which.begin(), which.end(), static_cast<std::uint32_t>(shard.first));
    const SequenceVar x = images_as_steps(tape, images, which, network.shape().steps);
    copy(network.logits({.x = x}).value(), View(logits).rows_from(shard.first, shard.count));
    return 0.0;
  });
  for (const Real logit : logits.data()) {
    if (!std::isfinite(logit)) throw ResultError("the network computes numbers that are not finite");
  }
  return logits;
}

}  // namespace rnn
