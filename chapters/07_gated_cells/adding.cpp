module;
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>
#include <cmath>
#include <cstdint>

module gated_cells.adding;

import rnn.autodiff.tape;
import rnn.base.error;
import rnn.base.random;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.initializers;
import rnn.network.loss;
import rnn.training.shards;
import rnn.training.trainer;

using namespace rnn;

namespace gated_cells {

Sums draw_sums(Index steps, Index batch, std::uint64_t seed) {
  auto engine = seeded(seed);
  boost::random::uniform_real_distribution<double> number(0, 1);
  boost::random::uniform_int_distribution<Index> first(0, steps / 2 - 1), second(steps / 2, steps - 1);
  Sums drawn{Sequence(steps, batch, 2), Matrix(batch, 1, Real(0))};
  for (Index t = 0; t < steps; ++t) {
    for (Index i = 0; i < batch; ++i) drawn.x(t, i, 0) = static_cast<Real>(number(engine));
  }
  for (Index i = 0; i < batch; ++i) {
    for (const Index t : {first(engine), second(engine)}) {
      drawn.x(t, i, 1) = 1;
      drawn.sums(i, 0) += drawn.x(t, i, 0);
    }
  }
  return drawn;
}

Learner::Learner(const LearnerOptions& options)
    : network_({.inputs = 2, .hidden = options.neurons, .classes = 1, .cell = options.cell}),
      trainer_(
          network_.parameters,
          {.adam = {.learning_rate = options.learning_rate}, .max_norm = options.clip, .threads = options.threads}) {
  auto engine = seeded(options.seed);
  network_.initialize(engine);
}

// The sequences of a shard on a tape.
static SequenceVar on_tape(Tape& tape, const Sequence& x, const Shard& shard) {
  const View part = tape.workspace(x.steps() * shard.count, x.features());
  for (Index t = 0; t < x.steps(); ++t) {
    copy(x[t].rows_from(shard.first, shard.count), part.rows_from(t * shard.count, shard.count));
  }
  return {tape.constant(part), x.steps(), shard.count};
}

double Learner::learn(const Sums& batch) {
  const Index size = batch.sums.size1();
  const double loss = trainer_.step(size, [&](Tape& tape, const Shard& shard, View gradients) {
    const Var answers = network_.logits({on_tape(tape, batch.x, shard)}, gradients);  // (batch × 1)
    return mean_squared_error(answers, ConstView(batch.sums).rows_from(shard.first, shard.count), size);
  });
  if (!std::isfinite(loss)) throw ResultError("the loss is not finite: try a smaller --learning-rate");
  return loss;
}

double Learner::error(const Sums& examples) {
  const Index size = examples.sums.size1();
  return trainer_.shards().sum(size, [&](Tape& tape, const Shard& shard) {
    const Var answers = network_.logits({on_tape(tape, examples.x, shard)});
    const ConstView sums = ConstView(examples.sums).rows_from(shard.first, shard.count);
    return double(mean_squared_error(answers, sums, size).value()(0, 0));
  });
}

}  // namespace gated_cells
