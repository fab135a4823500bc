/// How well a network predicts, beside models that only count.
export module melody.report;

import melody.tunes;
import rnn.base.std;
import rnn.network.melody_network;
import rnn.training.next_event;
import rnn.training.shards;

export namespace melody {

/// Bits an event of the same test tunes, pitch and duration together, for every model alike.
struct Report {
  double tunes = 0;
  rnn::Surprise network;
  double ngrams[3] = {};          // unigram, bigram, trigram
  std::optional<double> entropy;  // the composer's own: nobody can do better

  /// A line for each model, the bits and the perplexity.
  std::string table() const;
  /// One JSON object: perplexity, unigram, bigram and trigram are perplexities.
  std::string json(const std::string& source) const;
};
Report report(const rnn::MelodyNetwork& network, const Encoded& tunes, std::optional<double> entropy,
              rnn::ShardSum& shards);

}  // namespace melody
