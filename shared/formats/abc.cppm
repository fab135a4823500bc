/// Tunes in ABC, the notation in which people exchange folk music as text.
///
/// Read: the headers X, T, M, L, K, Q, and M, L, K, Q within a tune; notes, rests and multi-bar rests, accidentals,
/// octaves, durations, broken rhythm, ties, tuplets, bar lines, repeats with numbered endings. Of notes that sound
/// together, the highest is the melody. Chord symbols are kept for the accompaniment. Grace notes, slurs, decorations,
/// annotations and lyrics are skipped. Refused, each with its line: a second voice, overlays, a change of meter within
/// the tune, and whatever cannot be understood.
export module rnn.formats.abc;

import rnn.base.std;
import rnn.data.melody;

export namespace rnn {

/// Whether a bar that is too long or too short for the meter makes a tune bad, or is taken as it is.
enum class Bars { any, must_add_up };

/// What could be read of a file, and the reasons why the rest could not, a line each, that begin with the file's name
/// and the number of the line.
struct AbcTunes {
  std::vector<Melody> tunes;
  std::vector<std::string> refused;
  std::vector<std::filesystem::path> files = {};  // those that were read
};

/// The tunes in a text; `path` stands for it in messages.
AbcTunes parse_abc(std::string_view text, const std::filesystem::path& path, Bars bars = Bars::any);

/// The tunes in a file, or in all files of a folder whose names end in .abc, by name. Throws FileError when it cannot
/// be read or holds no tune at all.
AbcTunes read_abc(const std::filesystem::path& path, Bars bars = Bars::any);

/// The melody as an ABC tune of that number, with bar lines and ties where a note goes on beyond them. Read again, it
/// is the same melody, except for the tempo's last digits.
std::string format_abc(const Melody& melody, std::size_t number = 1);

}  // namespace rnn

// What the implementation units share.
namespace rnn::abc {

/// What is wrong, before the line is known.
struct Problem {
  std::string what;
};

/// The value of a header.
Meter parse_meter(std::string_view value);
Key parse_key(std::string_view value, std::map<char, int>& accidentals);
/// Accidentals that the signature gives to the letters A to G.
std::map<char, int> signature(int sharps);
double parse_tempo(std::string_view value, const Meter& meter, double unless_given);
std::optional<Chord> parse_chord(std::string_view name);
std::string_view trimmed(std::string_view text);

/// A ratio of durations, in lowest terms when it was read.
struct Fraction {
  std::uint32_t above = 1, below = 1;
};
Fraction parse_unit_length(std::string_view value);
/// Ticks of `length` times a ratio. Throws Problem when that is no whole number, or more than 64 whole notes.
Ticks times(Ticks length, std::uint64_t above, std::uint64_t below);

/// A piece of music as it stands on paper, before repeats are played.
struct Item {
  enum class Kind : std::uint8_t { note, bar, ending, chord } kind;
  bool tied = false;          // a note that goes on in the next
  bool opens = false;         // a bar line from which a repeat begins: |:
  bool closes = false;        // one that sends back: :|
  bool thick = false;         // a double one, which ends a part
  std::int16_t pitch = rest;  // of a note
  std::uint16_t endings = 0;  // the passes for which an ending is played: bit 1 the first
  std::uint32_t line = 0;     // of the file
  Ticks duration = 0;
  Chord chord = {};
};

/// A tune's music while it is read.
class Music {
 public:
  Music(Meter meter, Fraction unit, std::map<char, int> accidentals);

  /// Reads a line of music. Throws Problem.
  void read(std::string_view line, std::uint32_t number);
  /// A header between lines of music, or in brackets among them.
  void field(char name, std::string_view value);
  /// Throws Problem for what was begun and not ended.
  void finish() const;

  inline const Meter& meter() const { return meter_; }
  inline const std::vector<Item>& items() const { return items_; }
  inline std::optional<double> tempo() const { return tempo_; }

 private:
  char peek(std::size_t ahead = 0) const;
  void read_one();
  void read_note();
  void read_notes_together();
  void read_rest();
  void read_bar_line();
  void read_endings();
  void read_tuplet();
  void read_quoted();
  void read_field_or_chord();
  void read_broken_rhythm();
  int read_pitch();
  Ticks read_length();
  void skip_until(char end, const char* what);
  std::uint32_t read_number(std::uint32_t unless_given);
  void add_note(int pitch, Ticks duration);
  void add_bar(const Item& bar);
  Item* last_note();

  Meter meter_;
  Fraction unit_;
  std::map<char, int> key_;    // accidentals of the signature
  std::map<int, int> in_bar_;  // accidentals in this bar, by letter and octave
  std::optional<double> tempo_;
  std::vector<Item> items_;
  std::string_view line_;
  std::size_t at_ = 0;
  std::uint32_t number_ = 0;
  std::uint32_t tuplet_left_ = 0;  // notes still in the tuplet
  Fraction tuplet_;
  Fraction broken_;            // what the next note's length is multiplied by
  std::size_t last_note_ = 0;  // its position among the items plus 1
  bool has_notes_ = false;
};

/// The items in the order in which they are played: repeats played again, each time with its ending.
std::vector<Item> played(const std::vector<Item>& items);

/// Events from what is played: positions in the bar from the bar lines, tied notes made one. `bars` as in parse_abc.
/// Throws Problem, with the line in front, for a bar that does not add up.
void fill_events(Melody& melody, const std::vector<Item>& items, Bars bars, std::uint32_t& line);

}  // namespace rnn::abc
