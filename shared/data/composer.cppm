/// Melodies that the program composes itself, for machines without a collection: tunes of four phrases of four bars, in
/// forms such as AABA, over plans of chords, with a cadence at the end of each phrase. Every choice is made with known
/// probabilities, so it is known how surprising each tune is, and no predictor can do better on average.
export module rnn.data.composer;

import rnn.base.std;
import rnn.data.melody;

export namespace rnn {

/// A tune and −log₂ of its probability among all tunes of its key and meter, in bits. Key and meter are given, as they
/// stand at the head of a sheet of music: neither is counted.
struct Composition {
  Melody melody;
  double bits;
};

/// Tune `number` of the endless series that `seed` begins. It depends on these two alone.
Composition compose(std::uint32_t seed, std::size_t number);

/// Tunes first … first + count − 1.
std::vector<Composition> compose_many(std::uint32_t seed, std::size_t first, std::size_t count);

/// The mean number of bits of an event, the end of each tune being one: what a predictor that knows the composer's
/// rules would need.
double entropy_of_event(const std::vector<Composition>& tunes);

}  // namespace rnn

// What the implementation units share, and the tests check.
export namespace rnn::composing {

/// Rhythms are lists of sixteenths; a rest is negative.
struct Rhythm {
  std::vector<int> sixteenths;
  double weight;
};
/// The rhythms of ordinary bars and of those that end a phrase.
struct Rhythms {
  Meter meter;
  std::vector<Rhythm> bars, cadences;
};
const std::vector<Rhythms>& all_rhythms();

/// Degrees of the scale: 0 is the tonic, 7 the one an octave above, −1 the seventh below.
constexpr int lowest_degree = -3, highest_degree = 9, degrees = highest_degree - lowest_degree + 1;

/// Where the melody stands when the next degree is chosen.
struct Place {
  int previous;  // degree
  int leap;      // how it was reached: the degrees up, or down
  int chord;     // the degree of the bar's chord
  bool beat;     // on a beat that carries the chord
};
/// The probability of each degree, from the lowest; their sum is 1.
std::vector<double> next_degree(const Place& place);

/// The plans of chords of a phrase, and how likely each is. A plan is the degree of the chord of each bar but the last,
/// whose chord is that of its cadence.
struct Plan {
  int chords[3];
  double probability;
};
const std::vector<Plan>& plans(char phrase);

/// The probability of each degree as the first of a phrase and as the last of a cadence, from the lowest. A phrase can
/// be told by its first degree.
std::vector<double> first_degree(char phrase);
std::vector<double> last_degree(const Place& place, bool closed);

struct Form {
  const char* phrases;  // "AABA"
  double probability;
};
const std::vector<Form>& forms();

constexpr double minor_probability = 0.35;
/// With this probability a bar has the rhythm of the phrase's first bar; else it is drawn.
constexpr double rhythm_repeats = 0.45;

}  // namespace rnn::composing
