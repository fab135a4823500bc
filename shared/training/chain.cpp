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

double Chain::gradient(Index examples, View gradients, Loss loss, View rows) {
  const Index shards = shard_count(examples), held = most_gradients * static_cast<Index>(ranks_.count());
  own_.begin_gradient();
  fill(gradients, Real(0));
  double total = 0;
  for (Index first = 0; first < shards; first += held) {
    const Part part = part_of(std::min(held, shards - first));
    const Index begin = first + part.first, end = begin + part.count;
    const auto losses = own_.compute(examples, begin, part.count, gradients.columns, loss);
    const Link here = link(first == 0, first + held >= shards);
    pass_on(here, gradients, losses, total);
    if (!rows.empty()) pass_rows_on(here, rows, shard_of(begin, examples).first, shard_of(end, examples).first);
    ranks_.finish_sends();
  }
  const int last = ranks_.count() - 1;
  ranks_.broadcast(last, bytes(gradients.data, gradients.columns));
  ranks_.broadcast(last, bytes(&total, 1));
  ranks_.broadcast(last, bytes(rows.data, rows.size()));
  return total;
}

// The first round begins at rank 0 and the last one ends at the last rank; between two rounds the sum goes from there
// to rank 0.
Chain::Link Chain::link(bool first_round, bool last_round) const {
  const int rank = ranks_.rank(), count = ranks_.count();
  return {rank == 0 && first_round, rank == count - 1 && last_round, (rank + count - 1) % count, (rank + 1) % count};
}

void Chain::pass_on(Link link, View gradients, std::span<const double> losses, double& total) {
  if (!link.begins) ranks_.receive(link.before, bytes(&total, 1));
  for (const double loss : losses) total += loss;
  if (!link.ends) ranks_.send(link.after, bytes(&total, 1));
  for (Index begin = 0; begin < gradients.columns; begin += piece) {
    const View part = gradients.columns_from(begin, std::min(piece, gradients.columns - begin));
    if (!link.begins) ranks_.receive(link.before, bytes(part.data, part.columns));
    own_.add_computed(begin, part);
    if (!link.ends) ranks_.send(link.after, bytes(part.data, part.columns));
  }
}

// Rows begin … end − 1 are this rank's; it receives all before them, and hands them on with its own.
void Chain::pass_rows_on(Link link, View rows, Index begin, Index end) {
  if (!link.begins) ranks_.receive(link.before, bytes(rows.data, begin * rows.columns));
  if (!link.ends) ranks_.send(link.after, bytes(rows.data, end * rows.columns));
}

void Chain::sums(Index examples, Measures measure, std::span<double> sums) {
  const Link here = link(true, true);
  const Part own = part_of(shard_count(examples));
  own_.begin_sums();
  own_.measure(examples, own.first, own.count, measure, sums.size());
  std::ranges::fill(sums, 0);
  if (!here.begins) ranks_.receive(here.before, std::as_writable_bytes(sums));
  own_.add_measured(sums);
  if (!here.ends) ranks_.send(here.after, std::as_bytes(sums));
  ranks_.finish_sends();
  ranks_.broadcast(ranks_.count() - 1, std::as_writable_bytes(sums));
}

std::unique_ptr<ShardSum> shard_sum(unsigned threads) {
  if (ranks().count() == 1) return std::make_unique<DataParallel>(threads);
  return std::make_unique<Chain>(ranks(), threads);
}

}  // namespace rnn
