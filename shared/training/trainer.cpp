module;
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

module rnn.training.trainer;

import rnn.autodiff.tape;
import rnn.base.error;
import rnn.base.random;
import rnn.data.batches;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.loss;
import rnn.training.clipping;
import rnn.training.data_parallel;
import rnn.training.optimizers;

namespace rnn {

// What a stream of random numbers is for: part of its seed.
enum Stream : std::uint64_t { training_dropout = 1, evaluation_dropout = 2 };

Trainer::Trainer(Classifier& classifier, const TrainerOptions& options)
    : classifier_(classifier),
      options_(options),
      parallel_(options.threads),
      adam_(classifier.parameters.flat().columns, options.adam),
      gradients_(1, classifier.parameters.flat().columns, Real(0)) {
  if (options.batch == 0) throw std::invalid_argument("Trainer: a batch must have at least one example");
}

// The images of a shard, from bytes to numbers: only now, so that the data stay four times as small.
static Tile mnist_tile(Tape& tape, const Dataset& data, std::span<const std::uint32_t> which) {
  const Index steps = data.images.rows, m = which.size();
  const View x = tape.workspace(steps * m, data.images.columns);
  gather_rows_as_steps(data.images, which, x);
  Index all[DataParallel::largest_shard];
  const std::span<Index> labels(all, m);
  gather_labels(data.labels, which, labels);
  return {{tape.constant(x, "images"), steps, m}, tape.keep(std::span<const Index>(labels))};
}

Index Trainer::steps(const Dataset& data) const {
  if (data.size() < options_.batch) {
    throw std::invalid_argument("Trainer: a batch of " + std::to_string(options_.batch) + " is more than the " +
                                std::to_string(data.size()) + " examples there are");
  }
  return data.size() / options_.batch;
}

double Trainer::train_epoch(const Dataset& data, Index epoch,
                            const std::function<bool(Index step, double loss)>& after_step) {
  Position position{epoch};
  return train_epoch(data, position, after_step);
}

double Trainer::train_epoch(const Dataset& data, Position& position,
                            const std::function<bool(Index step, double loss)>& after_step) {
  const Index count = steps(data);
  order_.resize(data.size());
  std::iota(order_.begin(), order_.end(), std::uint32_t(0));
  if (options_.shuffle) shuffle_order(order_, options_.seed, static_cast<std::uint32_t>(position.epoch));

  while (position.step < count) {
    const auto batch = std::span<const std::uint32_t>(order_).subspan(position.step * options_.batch, options_.batch);
    const auto tile = [&](Tape& tape, const Shard& shard) {
      return mnist_tile(tape, data, batch.subspan(shard.first, shard.count));
    };
    const std::uint64_t seed = combine_seeds({options_.seed, training_dropout, position.epoch, position.step});
    const double loss = step(options_.batch, std::ref(tile), seed);
    require_finite(loss, position);
    position.loss_sum += loss;
    ++position.step;
    if (after_step && !after_step(position.step, loss)) break;
  }
  return position.loss_sum / double(position.step);
}

void Trainer::require_finite(double loss, const Position& position) const {
  if (std::isfinite(loss)) return;
  throw ResultError("the loss is " + std::string(std::isnan(loss) ? "not a number" : "infinite") + " in epoch " +
                    std::to_string(position.epoch) + " at step " + std::to_string(position.step + 1) +
                    ", gradient norm " + std::to_string(global_norm(gradients_)) +
                    ": try a smaller --learning-rate, or --activation tanh");
}

double Trainer::step(Index examples, const TileSource& tile, std::uint64_t dropout_seed) {
  const auto loss = [&](Tape& tape, const Shard& shard, View gradients) {
    const auto [x, labels, lengths] = tile(tape, shard);
    const Dropout dropout{options_.keep, combine_seeds({dropout_seed, shard.number})};
    const Var logits = classifier_.logits({x, lengths, dropout}, gradients);
    return softmax_cross_entropy(logits, labels, examples);
  };
  const double value = parallel_.gradient(examples, gradients_, std::ref(loss));
  adam_.step(classifier_.parameters.flat(), gradients_);
  return value;
}

double Trainer::accuracy(const Dataset& data, Index epoch) {
  if (data.size() == 0) return 0;
  order_.resize(data.size());
  std::iota(order_.begin(), order_.end(), std::uint32_t(0));
  const Real keep = options_.dropout_in_evaluation ? options_.keep : Real(1);
  const auto count = [&](Tape& tape, const Shard& shard) {
    const auto [x, labels, lengths] = mnist_tile(tape, data, std::span(order_).subspan(shard.first, shard.count));
    const Dropout dropout{keep, combine_seeds({options_.seed, evaluation_dropout, epoch, data.size(), shard.number})};
    return double(count_in_top_k(classifier_.logits({x, lengths, dropout}).value(), labels));
  };
  return parallel_.sum(data.size(), std::ref(count)) / double(data.size());
}

}  // namespace rnn
