module;
#include <cmath>
#include <memory>
#include <utility>

module rnn.training.trainer;

import rnn.linalg.matrix;
import rnn.network.parameters;
import rnn.training.chain;
import rnn.training.clipping;
import rnn.training.optimizers;
import rnn.training.shards;

namespace rnn {

Trainer::Trainer(Parameters& parameters, const TrainerOptions& options, std::unique_ptr<ShardSum> sum)
    : parameters_(parameters),
      options_(options),
      sum_(sum ? std::move(sum) : shard_sum(options.threads)),
      adam_(parameters.flat().columns, options.adam),
      gradients_(1, parameters.flat().columns, Real(0)) {}

double Trainer::step(Index examples, ShardSum::Loss loss, View rows) {
  const double value = sum_->gradient(examples, gradients_, loss, rows);
  if (!std::isfinite(value)) return value;
  if (std::isfinite(options_.max_norm)) clip_by_global_norm(gradients_, options_.max_norm);
  adam_.step(parameters_.flat(), gradients_);
  return value;
}

}  // namespace rnn
