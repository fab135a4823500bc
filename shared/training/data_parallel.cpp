module;
#include <algorithm>
#include <memory>
#include <span>
#include <vector>

module rnn.training.data_parallel;

import rnn.autodiff.tape;
import rnn.base.thread_pool;
import rnn.training.shards;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;

namespace rnn {

DataParallel::DataParallel(unsigned threads) : pool_(threads) {
  for (unsigned i = 0; i < threads; ++i) {
    recording_.push_back(std::make_unique<Tape>(Tape::Mode::record));
    evaluating_.push_back(std::make_unique<Tape>(Tape::Mode::evaluate));
  }
}

void DataParallel::begin_gradient() {
  for (const auto& tape : recording_) tape->clear();
}

void DataParallel::begin_sums() {
  for (const auto& tape : evaluating_) tape->clear();
}

std::span<const double> DataParallel::compute(Index examples, Index first, Index count, Index columns, Loss loss) {
  if (shard_gradients_.size1() < count || shard_gradients_.size2() != columns) {
    resize(shard_gradients_, count, columns);
  }
  if (shard_values_.size() < count) shard_values_.resize(count);
  computed_ = count;
  const auto run_shard = [&](Index task, unsigned worker) {
    Tape& tape = *recording_[worker];
    const View own = View(shard_gradients_).rows_from(task, 1);
    fill(own, Real(0));
    tape.clear(Tape::Outside::unchanged);
    const Var value = loss(tape, shard_of(first + task, examples), own);
    tape.backward(value);
    shard_values_[task] = value.value()(0, 0);
  };
  pool_.run(count, run_shard);
  return std::span(shard_values_).first(count);
}

// Each thread adds all gradients for some of the columns.
void DataParallel::add_computed(Index begin, View part) {
  const Index width = 2048, pieces = (part.columns + width - 1) / width;
  const auto add_piece = [&](Index piece, unsigned) {
    const Index from = piece * width, count = std::min(width, part.columns - from);
    for (Index s = 0; s < computed_; ++s) {
      add(ConstView(shard_gradients_).rows_from(s, 1).columns_from(begin + from, count),
          part.columns_from(from, count));
    }
  };
  pool_.run(pieces, add_piece);
}

void DataParallel::measure(Index examples, Index first, Index count, Measures measure, Index numbers) {
  shard_values_.assign(count * numbers, 0);
  const auto run_shard = [&](Index task, unsigned worker) {
    Tape& tape = *evaluating_[worker];
    tape.clear(Tape::Outside::unchanged);
    measure(tape, shard_of(first + task, examples), std::span(shard_values_).subspan(task * numbers, numbers));
  };
  pool_.run(count, run_shard);
}

void DataParallel::add_measured(std::span<double> sums) const {
  for (Index i = 0; i < shard_values_.size(); ++i) sums[i % sums.size()] += shard_values_[i];
}

double DataParallel::gradient(Index examples, View gradients, Loss loss, View) {
  const Index shards = shard_count(examples);
  begin_gradient();
  fill(gradients, Real(0));
  double total = 0;
  for (Index first = 0; first < shards; first += most_gradients) {
    const Index here = std::min(most_gradients, shards - first);
    for (const double value : compute(examples, first, here, gradients.columns, loss)) total += value;
    add_computed(0, gradients);
  }
  return total;
}

void DataParallel::sums(Index examples, Measures measure_shard, std::span<double> sums) {
  begin_sums();
  measure(examples, 0, shard_count(examples), measure_shard, sums.size());
  std::ranges::fill(sums, 0);
  add_measured(sums);
}

}  // namespace rnn
