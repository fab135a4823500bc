module;
#include <cstdint>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

module rnn.training.classification;

import rnn.autodiff.tape;
import rnn.base.random;
import rnn.data.batches;
import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.image_steps;
import rnn.network.loss;
import rnn.training.shards;
import rnn.training.trainer;

namespace rnn {

// The purpose of a stream of random numbers: a part of its seed.
enum Stream : std::uint64_t { training_dropout = 1, evaluation_dropout = 2 };

Classification::Classification(const Classifier& network, const Dataset& data, const ClassificationOptions& options)
    : network_(network), data_(data), options_(options) {
  if (options.batch == 0) throw std::invalid_argument("Classification: a batch must have at least one example");
  if (data.size() < options.batch) {
    throw std::invalid_argument("Classification: a batch of " + std::to_string(options.batch) + " is more than the " +
                                std::to_string(data.size()) + " examples there are");
  }
}

std::vector<std::uint32_t> Classification::order(Index epoch) const {
  if (options_.shuffle) return shuffled_order(data_.size(), options_.seed, static_cast<std::uint32_t>(epoch));
  std::vector<std::uint32_t> order(data_.size());
  std::iota(order.begin(), order.end(), std::uint32_t(0));
  return order;
}

std::span<const std::uint32_t> Classification::batch(std::span<const std::uint32_t> order, Index step) const {
  return order.subspan(step * options_.batch, options_.batch);
}

std::uint64_t Classification::dropout_seed(Index epoch, Index step) const {
  return combine_seeds({options_.seed, training_dropout, epoch, step});
}

// The labels of some examples, kept on the tape.
static std::span<const Index> labels_of(Tape& tape, const Dataset& data, std::span<const std::uint32_t> which) {
  Index all[largest_shard];
  const std::span<Index> labels(all, which.size());
  gather_labels(data.labels, which, labels);
  return tape.keep(std::span<const Index>(labels));
}

Var Classification::loss(Tape& tape, std::span<const std::uint32_t> batch, const Shard& shard,
                         std::uint64_t dropout_seed, View gradients) const {
  const std::span<const std::uint32_t> which = batch.subspan(shard.first, shard.count);
  const SequenceVar x = images_as_steps(tape, data_.images, which, network_.shape().steps);  // (T × shard × inputs)
  const Dropout dropout{options_.keep, combine_seeds({dropout_seed, shard.number})};
  const Var logits = network_.logits({x, {}, dropout}, gradients);                    // (shard × classes)
  return softmax_cross_entropy(logits, labels_of(tape, data_, which), batch.size());  // (1 × 1)
}

double Classification::train_epoch(Trainer& trainer, Index epoch) const {
  const std::vector<std::uint32_t> shuffled = order(epoch);
  double sum = 0;
  for (Index step = 0; step < steps(); ++step) {
    const std::span<const std::uint32_t> examples = batch(shuffled, step);
    const std::uint64_t seed = dropout_seed(epoch, step);
    sum += trainer.step(examples.size(), [&](Tape& tape, const Shard& shard, View gradients) {
      return loss(tape, examples, shard, seed, gradients);
    });
  }
  return sum / double(steps());
}

double Classification::accuracy(const Dataset& data, ShardSum& shards, Index epoch) const {
  if (data.size() == 0) return 0;
  const Real keep = options_.dropout_in_evaluation ? options_.keep : Real(1);
  const auto count_right = [&](Tape& tape, const Shard& shard) {
    std::uint32_t numbers[largest_shard];
    const std::span<std::uint32_t> which(numbers, shard.count);
    std::iota(which.begin(), which.end(), static_cast<std::uint32_t>(shard.first));
    const Dropout dropout{keep, combine_seeds({options_.seed, evaluation_dropout, epoch, data.size(), shard.number})};
    const SequenceVar x = images_as_steps(tape, data.images, which, network_.shape().steps);
    const Var logits = network_.logits({x, {}, dropout});
    return double(count_in_top_k(logits.value(), labels_of(tape, data, which)));
  };
  return shards.sum(data.size(), count_right) / double(data.size());
}

}  // namespace rnn
