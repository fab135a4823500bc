/// What chapter 08 learns from: tunes that are composed or read, split by tune, and as numbers.
export module melody.tunes;

import rnn.base.std;
import rnn.data.event_vocabulary;
import rnn.data.melody;
import rnn.data.ngram;
import rnn.training.next_event;

export namespace melody {

/// In which keys tunes are heard: all brought to C major or A minor, in all twelve by turns, or as they are.
enum class Keys { c, all, own };

/// Tunes for training, for choosing when to stop, and for the final test: of ten tunes, eight, one and one. No tune is
/// in two of them.
struct Tunes {
  std::vector<rnn::Melody> train, validation, test;
  std::string source;             // in words, for messages
  std::optional<double> entropy;  // bits an event of the test tunes, where the composer knows it
  std::vector<std::string> notes = {};
  std::vector<std::filesystem::path> files = {};
};

/// How many tunes are composed unless somebody says.
constexpr std::size_t default_tunes = 3000;

struct TuneOptions {
  std::string data;          // "composed", a file or folder of ABC, or chorales in JSON
  std::size_t composed = 0;  // how many tunes to compose
  std::uint32_t seed = 1;    // of the composer
  Keys keys = Keys::c;
  bool strict = false;  // only tunes whose bars add up
};

/// Composes or reads them. Throws rnn::FileError, and std::invalid_argument where there are fewer than ten.
Tunes load_tunes(const TuneOptions& options);

/// "composed" unless $MELODY_DIR or data/melodies is there.
std::string default_data();

/// Hexadecimal digits that other tunes hardly ever have.
std::string fingerprint(std::span<const rnn::Melody> tunes);

/// The tunes as numbers. For training, a tune has a variant for each key that it is heard in.
struct Encoded {
  rnn::EventVocabulary vocabulary;
  std::vector<rnn::Variants> train;
  std::vector<rnn::EncodedMelody> validation, test;
};

/// The vocabulary of all tunes, in all keys that training hears.
rnn::EventVocabulary vocabulary_of(const Tunes& tunes, Keys keys);
/// The tunes in a vocabulary. Tunes with pitches or durations that it does not have are left out, which a line in
/// `notes` says. Throws std::invalid_argument when no tune is left in one of the three.
Encoded encode(Tunes& tunes, Keys keys, const rnn::EventVocabulary& vocabulary);

/// A model that has counted in the training tunes which event follows the last order − 1; its discount is the best for
/// the validation tunes. Its words are the numbers EventVocabulary::event.
rnn::NGram count_events(const Encoded& tunes, std::size_t order);

/// Bits an event of the test tunes, to such a model.
double ngram_bits(const Encoded& tunes, std::size_t order);

}  // namespace melody
