module;
#include <cstddef>
#include <span>
#include <string>
#include <vector>

/// A tune while it is made: what the network expects next, and what has been picked.
export module melody.improviser;

import rnn.data.event_vocabulary;
import rnn.data.melody;
import rnn.network.melody_network;
import rnn.network.sampling;

export namespace melody {

class Improviser {
 public:
  /// The first event begins `first` ticks into its bar. Network and vocabulary must outlive the improviser.
  Improviser(const rnn::MelodyNetwork& network, const rnn::EventVocabulary& vocabulary, const rnn::Meter& meter,
             rnn::Ticks first = 0);

  /// Goes on with an event that somebody gives. Throws std::invalid_argument, one line, when the network does not know
  /// its pitch or its duration.
  void hear(const rnn::Event& event);

  /// What may come next: see rnn::candidates. The end of the tune may not come first.
  std::vector<rnn::Candidate> expects(double temperature, std::size_t top) const;

  /// Goes on with one of them. False: it is the end of the tune.
  bool take(const rnn::Candidate& candidate);

  /// How many bars there are so far, the last one perhaps not full.
  double bars() const;

  /// The tune so far, as it was picked.
  inline const rnn::Melody& so_far() const { return melody_; }

  /// The tune so far in full bars, at most so many: what goes beyond is cut, and what is missing in the last bar is a
  /// rest.
  rnn::Melody melody(std::size_t most_bars) const;

  /// "E4 1/2": the candidate in words; "the end" for that.
  std::string in_words(const rnn::Candidate& candidate) const;

 private:
  void add(const rnn::Event& event, std::size_t pitch, std::size_t duration);

  const rnn::EventVocabulary& vocabulary_;
  rnn::MelodyState state_;
  rnn::Melody melody_;
  rnn::Ticks first_, position_;
};

/// The most likely of them as lines with bars for a terminal, and the one that was picked.
std::string picture(const Improviser& improviser, std::span<const rnn::Candidate> expected, std::size_t lines,
                    const rnn::Candidate* picked);

}  // namespace melody
