module;
#include <algorithm>
#include <span>

module rnn.training.shards;

import rnn.autodiff.tape;
import rnn.linalg.matrix;

namespace rnn {

Index shard_count(Index examples) {
  const Index least = (examples + largest_shard - 1) / largest_shard;
  return std::min(examples, (least + 3) / 4 * 4);
}

Shard shard_of(Index number, Index examples) {
  const Index shards = shard_count(examples), size = examples / shards, larger = examples % shards;
  return {number, number * size + std::min(number, larger), size + (number < larger)};
}

double ShardSum::sum(Index examples, Measure measure) {
  double total = 0;
  const auto measure_one = [&](Tape& tape, const Shard& shard, std::span<double> number) {
    number[0] = measure(tape, shard);
  };
  sums(examples, measure_one, std::span(&total, 1));
  return total;
}

}  // namespace rnn
