/// One batch on several processes, with the bits of one.
///
/// Each rank computes shards that follow one another. A sum of floats depends on the order of its terms, so the sum
/// itself goes along the ranks: each waits for the sum of all shards before its own, adds its own in their order, and
/// hands the sum on. The last rank then has what DataParallel has, and gives it to all.
///
/// A long gradient goes along the chain in pieces: while a rank adds to one, the next rank has the one before.
export module rnn.training.chain;

import rnn.base.ranks;
import rnn.base.std;
import rnn.linalg.matrix;
import rnn.training.data_parallel;
import rnn.training.shards;

export namespace rnn {

class Chain final : public ShardSum {
 public:
  /// All ranks call the same functions in the same order, with the same arguments.
  Chain(Ranks& ranks, unsigned threads);

  double gradient(Index examples, View gradients, Loss loss, View rows) override;
  void sums(Index examples, Measures measure, std::span<double> sums) override;

 private:
  /// Shards first … first + count − 1 of `shards` are this rank's.
  struct Part {
    Index first, count;
  };
  Part part_of(Index shards) const;
  /// This rank's place in a round along the chain: from whom the sum of what is before comes, and to whom it goes.
  struct Link {
    bool begins, ends;  // nothing comes; nothing goes
    int before, after;
  };
  Link link(bool first_round, bool last_round) const;
  void pass_on(Link link, View gradients, std::span<const double> losses, double& total);
  void pass_rows_on(Link link, View rows, Index begin, Index end);

  Ranks& ranks_;
  DataParallel own_;
};

/// How the shards of a batch are added up in this run: by threads, on all processes that work together.
std::unique_ptr<ShardSum> shard_sum(unsigned threads);

}  // namespace rnn
