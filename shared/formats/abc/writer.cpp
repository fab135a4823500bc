module;
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

module rnn.formats.abc;

import rnn.base.text;
import rnn.data.melody;

namespace rnn {

namespace {

constexpr Ticks unit = ticks_of_whole / 8;

std::string key_name(const Key& key) {
  constexpr std::array<const char*, 15> major = {"Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C",
                                                 "G",  "D",  "A",  "E",  "B",  "F#", "C#"};
  constexpr std::array<const char*, 15> minor = {"Abm", "Ebm", "Bbm", "Fm",  "Cm",  "Gm",  "Dm", "Am",
                                                 "Em",  "Bm",  "F#m", "C#m", "G#m", "D#m", "A#m"};
  return (key.minor ? minor : major)[static_cast<std::size_t>(key.sharps + 7)];
}

/// The length of a note as ABC writes it: in halves, quarters, … of the unit. Where it is divided by an odd number p as
/// well, the note is in a tuplet: p notes in the time of q.
struct Length {
  Ticks above, below;  // of the unit, in lowest terms; below without p
  Ticks p = 1, q = 1;

  explicit Length(Ticks duration) : above(duration / std::gcd(duration, unit)), below(unit / std::gcd(duration, unit)) {
    constexpr Ticks largest_tuplet = 9;
    Ticks odd = below;
    while (odd % 2 == 0) odd /= 2;
    if (odd > largest_tuplet) return;  // nobody plays this, but it can be read
    p = odd;
    below /= p;
    while (q * 2 < p) q *= 2;
  }

  /// What stands behind a note's letter.
  std::string text() const {
    const Ticks divisor = std::gcd(above, q), times = above / divisor, over = below * (q / divisor);
    return (times == 1 ? "" : fmt::format("{}", times)) + (over == 1 ? "" : fmt::format("/{}", over));
  }
};

/// Notes as letters: which accidentals have to be written depends on the signature and on what came before in the bar.
class Spelling {
 public:
  explicit Spelling(const Key& key) : sharps_(key.sharps), signature_(abc::signature(key.sharps)) {}

  void bar_line() { in_bar_.clear(); }

  std::string note(int pitch) {
    if (pitch == rest) return "z";
    // Fifths above C: F is −1, C 0, G 1, …, F# 6. Of all names for a pitch, the one nearest to the key.
    const int turned = ((7 * (pitch % 12) - (sharps_ - 3)) % 12 + 12) % 12, fifths = turned + sharps_ - 3;
    constexpr std::string_view letters = "FCGDAEB";
    const int place = ((fifths + 1) % 7 + 7) % 7, accidental = (fifths + 1 - place) / 7;
    const char letter = letters[static_cast<std::size_t>(place)];
    const int octave = (pitch - accidental + 12) / 12 - 1;

    std::string text;
    if (!is_certain(letter, octave, accidental)) {
      constexpr const char* signs[] = {"__", "_", "=", "^", "^^"};
      text = signs[accidental + 2];
      in_bar_[{letter, octave}] = accidental;
    }
    text += octave >= 6 ? static_cast<char>(letter - 'A' + 'a') : letter;
    for (int i = 6; i < octave; ++i) text += '\'';
    for (int i = octave; i < 5; ++i) text += ',';
    return text;
  }

 private:
  /// Whether a letter without a sign means this note to every reader. For some, a sign counts in its octave only; for
  /// others, the last one in the bar counts in all octaves.
  bool is_certain(char letter, int octave, int accidental) const {
    const auto own = in_bar_.find({letter, octave});
    if (own == in_bar_.end() && accidental != of_signature(letter)) return false;
    return std::ranges::all_of(
        in_bar_, [&](const auto& sign) { return sign.first.first != letter || sign.second == accidental; });
  }
  int of_signature(char letter) const {
    const auto found = signature_.find(letter);
    return found == signature_.end() ? 0 : found->second;
  }
  int sharps_;
  std::map<char, int> signature_;
  std::map<std::pair<char, int>, int> in_bar_;  // by letter and octave
};

/// A note or rest, or as much of it as there is room for in its bar.
struct Piece {
  int pitch;
  Ticks duration;
  std::uint64_t begin;  // from the beginning of the tune
  bool tied;            // to the next one
  bool first_in_bar;
};

std::vector<Piece> pieces_of(const Melody& melody) {
  const Ticks bar = melody.meter.bar();
  std::vector<Piece> pieces;
  std::uint64_t now = 0;
  Ticks position = melody.events.empty() ? 0 : melody.events[0].position;
  for (const Event& event : melody.events) {
    bool new_bar = event.position != position;
    position = event.position;
    for (Ticks left = event.duration; left > 0;) {
      if (position == bar) {
        position = 0;
        new_bar = true;
      }
      const Ticks duration = std::min(left, bar - position);
      left -= duration;
      pieces.push_back({event.pitch, duration, now, left > 0 && event.pitch != rest, new_bar});
      position += duration;
      now += duration;
    }
  }
  return pieces;
}

/// How many pieces from the first on make a tuplet with it: in the same bar and equally long, as other programs expect,
/// and no more than it takes to come back to where no tuplet is needed.
std::size_t tuplet_size(std::span<const Piece> pieces) {
  const Ticks duration = pieces.front().duration;
  std::size_t size = 1;
  while (size < pieces.size() && pieces[size].duration == duration && !pieces[size].first_in_bar &&
         Length(duration * Ticks(size)).p > 1) {
    ++size;
  }
  return size;
}

/// The lines of music.
std::string music_text(const Melody& melody) {
  constexpr int bars_of_a_line = 4;
  const std::vector<Piece> pieces = pieces_of(melody);
  Spelling spelling(melody.key);
  std::string text;
  int bars = 0;
  std::size_t chord = 0, left_of_tuplet = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto& [pitch, duration, begin, tied, first_in_bar] = pieces[i];
    if (first_in_bar) {
      text += ++bars % bars_of_a_line == 0 ? " |\n" : " | ";
      spelling.bar_line();
    } else if (i > 0) {
      text += ' ';
    }
    const Length length(duration);
    if (length.p > 1 && left_of_tuplet == 0) {
      left_of_tuplet = tuplet_size(std::span(pieces).subspan(i));
      text +=
          length.p == 3 && left_of_tuplet == 3 ? "(3" : fmt::format("({}:{}:{}", length.p, length.q, left_of_tuplet);
    }
    if (left_of_tuplet > 0) --left_of_tuplet;
    while (chord < melody.chords.size() && melody.chords[chord].at < begin) ++chord;
    if (chord < melody.chords.size() && melody.chords[chord].at == begin) {
      text += '"' + chord_name(melody.chords[chord]) + '"';
    }
    text += spelling.note(pitch) + length.text() + (tied ? "-" : "");
  }
  return text + " |]\n";
}

std::string title_text(const std::string& title) {
  std::string text;
  for (const char c : printable(title)) text += c == '%' ? std::string("\\%") : std::string(1, c);
  return text.empty() ? "Untitled" : text;
}

}  // namespace

std::string format_abc(const Melody& melody, std::size_t number) {
  return fmt::format("X:{}\nT:{}\nM:{}/{}\nL:1/8\nQ:1/4={}\nK:{}\n", number, title_text(melody.title),
                     melody.meter.beats, melody.meter.unit, std::lround(melody.tempo), key_name(melody.key)) +
         music_text(melody);
}

}  // namespace rnn
