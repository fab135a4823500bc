module;
#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>

module rnn.training.chain;

import rnn.base.ranks;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.training.data_parallel;
import rnn.training.shards;

namespace rnn {

// Numbers in a piece of a gradient: 32 KB take a local network about as long as its latency.
constexpr Index piece = 8192;

template <class T>
static std::span<std::byte> bytes(T* numbers, Index count) {
  return std::as_writable_bytes(std::span(numbers, count));
}

Chain::Chain(Ranks& ranks, unsigned threads) : ranks_(ranks), own_(threads) {}

Chain::Part Chain::part_of(Index shards) const {
  const auto rank = static_cast<Index>(ranks_.rank()), count = static_cast<Index>(ranks_.count());
  const Index first = shards * rank / count;
  return {first, shards * (rank + 1) / count - first};
}

double Chain::gradient(Index examples, View gradients, Loss loss) {
  const Index shards = shard_count(examples), held = most_gradients * static_cast<Index>(ranks_.count());
  own_.begin_gradient();
  fill(gradients, Real(0));
  double total = 0;
  for (Index first = 0; first < shards; first += held) {
    const Part own = part_of(std::min(held, shards - first));
    const auto losses = own_.compute(examples, first + own.first, own.count, gradients.columns, loss);
    pass_on(gradients, losses, total, {first == 0, first + held >= shards});
  }
  const int last = ranks_.count() - 1;
  ranks_.broadcast(last, bytes(gradients.data, gradients.columns));
  ranks_.broadcast(last, bytes(&total, 1));
  return total;
}

// The first round begins at rank 0 and the last one ends at the last rank; between two rounds the sum goes from there
// to rank 0.
void Chain::pass_on(View gradients, std::span<const double> losses, double& total, Round round) {
  const int rank = ranks_.rank(), count = ranks_.count();
  const bool begins = rank == 0 && round.is_first, ends = rank == count - 1 && round.is_last;
  const int before = (rank + count - 1) % count, after = (rank + 1) % count;

  if (!begins) ranks_.receive(before, bytes(&total, 1));
  for (const double loss : losses) total += loss;
  if (!ends) ranks_.send(after, bytes(&total, 1));
  for (Index begin = 0; begin < gradients.columns; begin += piece) {
    const View part = gradients.columns_from(begin, std::min(piece, gradients.columns - begin));
    if (!begins) ranks_.receive(before, bytes(part.data, part.columns));
    own_.add_computed(begin, part);
    if (!ends) ranks_.send(after, bytes(part.data, part.columns));
  }
  ranks_.finish_sends();
}

double Chain::sum(Index examples, Measure measure) {
  const int rank = ranks_.rank(), last = ranks_.count() - 1;
  const Part own = part_of(shard_count(examples));
  own_.begin_sum();
  const auto values = own_.measure(examples, own.first, own.count, measure);
  double total = 0;
  if (rank != 0) ranks_.receive(rank - 1, bytes(&total, 1));
  for (const double value : values) total += value;
  if (rank != last) ranks_.send(rank + 1, bytes(&total, 1));
  ranks_.finish_sends();
  ranks_.broadcast(last, bytes(&total, 1));
  return total;
}

std::unique_ptr<ShardSum> shard_sum(unsigned threads) {
  if (ranks().count() == 1) return std::make_unique<DataParallel>(threads);
  return std::make_unique<Chain>(ranks(), threads);
}

}  // namespace rnn
