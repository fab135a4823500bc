module;
#include <algorithm>
#include <memory>
#include <vector>

module rnn.training.data_parallel;

import rnn.autodiff.tape;
import rnn.base.thread_pool;
import rnn.training.shards;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;

namespace rnn {

// Shards whose gradients are held at a time: a very large batch goes through in several rounds.
constexpr Index most_gradients = 64;

DataParallel::DataParallel(unsigned threads) : pool_(threads) {
  for (unsigned i = 0; i < threads; ++i) {
    recording_.push_back(std::make_unique<Tape>(Tape::Mode::record));
    evaluating_.push_back(std::make_unique<Tape>(Tape::Mode::evaluate));
  }
}

double DataParallel::gradient(Index examples, View gradients, Loss loss) {
  const Index shards = shard_count(examples), held = std::min(shards, most_gradients);
  if (shard_gradients_.size1() < held || shard_gradients_.size2() != gradients.columns) {
    resize(shard_gradients_, held, gradients.columns);
  }
  if (shard_values_.size() < shards) shard_values_.resize(shards);
  fill(gradients, Real(0));
  for (const auto& tape : recording_) tape->clear();

  for (Index first = 0; first < shards; first += held) {
    const Index here = std::min(held, shards - first);
    const auto run_shard = [&](Index task, unsigned worker) {
      Tape& tape = *recording_[worker];
      const View own = View(shard_gradients_).rows_from(task, 1);
      fill(own, Real(0));
      tape.clear(Tape::Outside::unchanged);
      const Var value = loss(tape, shard_of(first + task, examples), own);
      tape.backward(value);
      shard_values_[first + task] = value.value()(0, 0);
    };
    pool_.run(here, run_shard);

    // Each thread adds the shards' gradients, in their order, for some of the columns.
    const Index width = 2048, pieces = (gradients.columns + width - 1) / width;
    const auto add_piece = [&](Index piece, unsigned) {
      const Index begin = piece * width, count = std::min(width, gradients.columns - begin);
      for (Index s = 0; s < here; ++s) {
        add(ConstView(shard_gradients_).rows_from(s, 1).columns_from(begin, count),
            gradients.columns_from(begin, count));
      }
    };
    pool_.run(pieces, add_piece);
  }

  double total = 0;
  for (Index s = 0; s < shards; ++s) total += shard_values_[s];
  return total;
}

double DataParallel::sum(Index examples, Measure measure) {
  const Index shards = shard_count(examples);
  if (shard_values_.size() < shards) shard_values_.resize(shards);
  for (const auto& tape : evaluating_) tape->clear();
  const auto run_shard = [&](Index task, unsigned worker) {
    Tape& tape = *evaluating_[worker];
    tape.clear(Tape::Outside::unchanged);
    shard_values_[task] = measure(tape, shard_of(task, examples));
  };
  pool_.run(shards, run_shard);
  double total = 0;
  for (Index s = 0; s < shards; ++s) total += shard_values_[s];
  return total;
}

}  // namespace rnn
