module;
#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string>

module melody.report;

import melody.tunes;
import rnn.base.error;
import rnn.base.json;
import rnn.network.melody_network;
import rnn.training.next_event;
import rnn.training.shards;

using namespace rnn;

namespace melody {

std::string Report::table() const {
  const auto row = [](const char* model, double bits) {
    return fmt::format("\n{:<10}{:>12.4f}{:>12.3f}", model, bits, std::exp2(bits));
  };
  std::string text = fmt::format("test: {} tunes, {} events\n{:<10}{:>12}{:>12}", tunes, network.events, "model",
                                 "bits/event", "perplexity");
  text += row("unigram", ngrams[0]) + row("bigram", ngrams[1]) + row("trigram", ngrams[2]);
  text += row("network", network.bits_of_event());
  if (entropy) text += row("composer", *entropy);
  return text;
}

std::string Report::json(const std::string& source) const {
  return fmt::format(
      "{{\"source\":{},\"tunes\":{},\"events\":{},\"perplexity\":{},\"unigram\":{},\"bigram\":{},\"trigram\":{},"
      "\"bits_per_note\":{},\"pitch_bits\":{},\"duration_bits\":{},\"entropy\":{}}}",
      quote(source), tunes, network.events, network.perplexity(), std::exp2(ngrams[0]), std::exp2(ngrams[1]),
      std::exp2(ngrams[2]), network.bits_of_event(), network.pitch_bits / network.events,
      network.duration_bits / network.events, entropy ? fmt::format("{}", *entropy) : "null");
}

Report report(const MelodyNetwork& network, const Encoded& tunes, std::optional<double> entropy, ShardSum& shards) {
  Report result{
      .tunes = double(tunes.test.size()), .network = surprise_of(network, tunes.test, shards), .entropy = entropy};
  if (!std::isfinite(result.network.bits_of_event())) {
    throw ResultError("the network computes numbers that are not finite");
  }
  for (std::size_t order = 1; order <= 3; ++order) result.ngrams[order - 1] = ngram_bits(tunes, order);
  return result;
}

}  // namespace melody
