module;
#include <algorithm>

module rnn.training.shards;

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

}  // namespace rnn
