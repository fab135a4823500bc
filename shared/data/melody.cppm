/// Melodies as data: notes and rests, one after another, each with the time that it takes.
export module rnn.data.melody;

import rnn.base.std;

export namespace rnn {

/// Durations and positions are whole numbers of ticks. A quarter note has 10,080 = 2⁵·3²·5·7 of them, so that halving
/// it down to a 128th, dotting it, and tuplets of 3, 5, 6, 7 and 9 notes stay exact.
using Ticks = std::uint32_t;
constexpr Ticks ticks_of_quarter = 10080;
constexpr Ticks ticks_of_whole = 4 * ticks_of_quarter;

/// Pitches are MIDI's: 60 is middle C, 69 is A at 440 Hz, 12 are an octave. A rest is an event too.
constexpr int rest = -1;
constexpr int lowest_pitch = 0, highest_pitch = 127;

struct Event {
  int pitch;           // or `rest`
  Ticks duration;      // at least 1
  Ticks position = 0;  // in its bar: how long after the bar line it begins
  bool operator==(const Event&) const = default;
};

/// So many beats of 1/unit of a whole note: 6/8 is {6, 8}.
struct Meter {
  std::uint32_t beats = 4, unit = 4;
  /// The length of a bar.
  inline Ticks bar() const { return ticks_of_whole / unit * beats; }
  bool operator==(const Meter&) const = default;
};

/// A key signature, and whether the tonic is that of the minor key: two sharps are D major or B minor. Other modes are
/// known by their third: A Dorian, with a minor third, is {1, true}.
struct Key {
  int sharps = 0;  // flats are negative
  bool minor = false;
  bool operator==(const Key&) const = default;
};

/// What is played below the melody from a moment on.
struct Chord {
  enum class Kind : std::uint8_t { major, minor, seventh, minor_seventh, diminished };
  Ticks at = 0;           // from the beginning
  std::uint8_t root = 0;  // 0 is C, 11 is B
  Kind kind = Kind::major;
  bool operator==(const Chord&) const = default;
};

struct Melody {
  std::string title;
  Meter meter;
  Key key;
  double tempo = 120;  // quarter notes a minute
  std::vector<Event> events;
  std::vector<Chord> chords;  // in the order of their times
};

/// The sum of all durations.
std::uint64_t length_of(const Melody& melody);

/// Sets the events' positions: the first is `first` ticks into its bar, and bar follows upon bar.
void set_positions(std::vector<Event>& events, Ticks bar, Ticks first = 0);

/// The melody so many semitones higher, its key and chords included. Throws std::invalid_argument when a pitch would
/// leave the range of MIDI's.
Melody transposed(const Melody& melody, int semitones);

/// How many semitones, −5 to 6, take the key to C major or A minor: to a signature without sharps and flats.
int semitones_to_c(const Key& key);

/// "C4", "F#5", "rest": a pitch in words; C4 is middle C.
std::string pitch_name(int pitch);

/// The reverse; flats ("Bb3") are understood too. Throws std::invalid_argument, one line.
int parse_pitch(std::string_view name);

/// A duration in quarter notes, in lowest terms: "1", "3/2".
std::string duration_name(Ticks duration);

/// Events such as "C4:1 E4:1/2 rest:2": pitches, and durations in quarter notes. Positions are 0. Throws
/// std::invalid_argument, one line.
std::vector<Event> parse_events(std::string_view text);

/// "Am", "G7".
std::string chord_name(const Chord& chord);

/// The pitch classes of a chord, its root first, as semitones above the root.
std::vector<int> intervals_of(Chord::Kind kind);

}  // namespace rnn
