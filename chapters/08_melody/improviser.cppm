/// A tune while it is made: what is expected next, and what has been picked.
export module melody.improviser;

import rnn.base.std;
import rnn.data.event_vocabulary;
import rnn.data.melody;
import rnn.data.ngram;
import rnn.network.melody_network;
import rnn.network.sampling;

export namespace melody {

/// What is asked for the next note.
class Predictor {
 public:
  virtual ~Predictor() = default;
  virtual const rnn::EventVocabulary& vocabulary() const = 0;
  /// An event in numbers, and the number of the place where the next one begins. Before the first event both numbers
  /// are 0.
  virtual void hear(std::uint32_t pitch, std::uint32_t duration, std::uint32_t place) = 0;
  /// What may come next: see rnn::candidates. At the beginning of a tune its end may not come.
  virtual std::vector<rnn::Candidate> expects(double temperature, std::size_t top, bool at_beginning) const = 0;
};

/// A trained network, with a state that goes on from event to event.
std::unique_ptr<Predictor> predictor_of(rnn::MelodyNetwork network, rnn::EventVocabulary vocabulary);
/// A model that counts, which only knows the last events and no places.
std::unique_ptr<Predictor> predictor_of(rnn::NGram model, rnn::EventVocabulary vocabulary);

class Improviser {
 public:
  /// The first event begins `first` ticks into its bar.
  Improviser(std::unique_ptr<Predictor> predictor, const rnn::Meter& meter, rnn::Ticks first = 0);

  /// Goes on with an event that somebody gives. Throws std::invalid_argument, one line, when its pitch or its
  /// duration is not known.
  void hear(const rnn::Event& event);

  /// What may come next: see rnn::candidates.
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
  void add(const rnn::Event& event, std::uint32_t pitch, std::uint32_t duration);

  std::unique_ptr<Predictor> predictor_;
  rnn::Melody melody_;
  rnn::Ticks first_, position_;
};

/// The most likely of them as lines with bars for a terminal, and the one that was picked.
std::string picture(const Improviser& improviser, std::span<const rnn::Candidate> expected, std::size_t lines,
                    const rnn::Candidate* picked);

}  // namespace melody
