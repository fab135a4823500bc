/// What could be said before there were networks: the next word from the one or two before it, by counting.
export module rnn.data.ngram;

import rnn.base.std;

export namespace rnn {

/// A model that has counted which word follows upon the last `order` − 1 words: order 1 is a unigram model, which looks
/// at nothing, 3 a trigram model.
///
/// Interpolated Kneser-Ney: each count is lowered by a discount d, and what this frees is given to the model of the
/// next lower order, which counts not how often a word occurs but after how many different words:
///   P(w | u v) = max(c(u v w) − d, 0) / c(u v) + Σ_x min(c(u v x), d) / c(u v) · P(w | v)
/// At the bottom all words are equally likely.
/// Source: Chen and Goodman, An empirical study of smoothing techniques for language modeling, 1999.
class NGram {
 public:
  static constexpr std::size_t highest_order = 3;

  using Sequences = std::span<const std::vector<std::uint32_t>>;

  /// Counts in sequences of words below 2^31 − 1. `words` is how many words there are, those included that do not
  /// occur. Throws std::invalid_argument for another order than 1 to 3, or a discount that is not above 0.
  NGram(std::size_t order, std::size_t words, Sequences sequences, double discount);

  /// Takes the discount, out of a few, with which other sequences are the least surprising. Tunes are full of repeats,
  /// so how much was counted only once, from which the textbooks estimate it, says little here.
  void choose_discount(Sequences held_out);
  inline double discount() const { return discount_; }

  /// The probability of `word` after `before`, of which only the last order − 1 words count; where there are fewer, the
  /// sequence has just begun. Summed over all words it is 1.
  double probability(std::span<const std::uint32_t> before, std::uint32_t word) const;

  /// −log₂ of the probability of a whole sequence.
  double bits(std::span<const std::uint32_t> sequence) const;

 private:
  struct Context {
    std::uint32_t total = 0;
    std::unordered_map<std::uint32_t, std::uint32_t> counts;
  };
  using Key = std::uint64_t;  // one or two words
  static Key key(std::span<const std::uint32_t> context);
  double probability(std::size_t order, std::span<const std::uint32_t> context, std::uint32_t word) const;
  void add(std::size_t order, std::span<const std::uint32_t> context, std::uint32_t word);

  std::size_t order_, words_;
  std::array<std::unordered_map<Key, Context>, highest_order> contexts_;  // of order 1, 2, …
  double discount_;
};

}  // namespace rnn
