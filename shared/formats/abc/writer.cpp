module;
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>

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

std::string length_text(Ticks duration) {
  const Ticks divisor = std::gcd(duration, unit);
  const Ticks above = duration / divisor, below = unit / divisor;
  return (above == 1 ? "" : fmt::format("{}", above)) + (below == 1 ? "" : fmt::format("/{}", below));
}

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

    int& now = in_bar_.try_emplace({octave, letter}, of_signature(letter)).first->second;
    std::string text;
    if (now != accidental) {
      constexpr const char* signs[] = {"__", "_", "=", "^", "^^"};
      text = signs[accidental + 2];
      now = accidental;
    }
    text += octave >= 6 ? static_cast<char>(letter - 'A' + 'a') : letter;
    for (int i = 6; i < octave; ++i) text += '\'';
    for (int i = octave; i < 5; ++i) text += ',';
    return text;
  }

 private:
  int of_signature(char letter) const {
    const auto found = signature_.find(letter);
    return found == signature_.end() ? 0 : found->second;
  }
  int sharps_;
  std::map<char, int> signature_;
  std::map<std::pair<int, char>, int> in_bar_;
};

/// The lines of music.
class Score {
 public:
  explicit Score(const Melody& melody) : melody_(melody), spelling_(melody.key) {}

  std::string text() {
    for (const Event& event : melody_.events) {
      if (&event != &melody_.events.front() && (event.position == 0 || event.position != position_)) bar_line();
      position_ = event.position;
      add(event);
    }
    return text_ + " |]\n";
  }

 private:
  void add(const Event& event) {
    const Ticks bar = melody_.meter.bar();
    for (Ticks left = event.duration; left > 0;) {
      if (position_ == bar) bar_line();
      const Ticks piece = std::min(left, bar - position_);
      left -= piece;
      if (!after_bar_line_) text_ += ' ';
      after_bar_line_ = false;
      while (chord_ < melody_.chords.size() && melody_.chords[chord_].at < now_) ++chord_;
      if (chord_ < melody_.chords.size() && melody_.chords[chord_].at == now_) {
        text_ += '"' + chord_name(melody_.chords[chord_]) + '"';
      }
      text_ += spelling_.note(event.pitch) + length_text(piece);
      if (left > 0 && event.pitch != rest) text_ += '-';
      position_ += piece;
      now_ += piece;
    }
  }

  void bar_line() {
    constexpr int bars_of_a_line = 4;
    if (after_bar_line_) return;
    text_ += ++bars_ % bars_of_a_line == 0 ? " |\n" : " | ";
    spelling_.bar_line();
    after_bar_line_ = true;
    position_ = 0;
  }

  const Melody& melody_;
  Spelling spelling_;
  std::string text_;
  Ticks position_ = 0, now_ = 0;
  std::size_t chord_ = 0;
  int bars_ = 0;
  bool after_bar_line_ = true;
};

std::string title_text(const std::string& title) {
  std::string text;
  for (const char c : printable(title)) text += c == '%' ? std::string("\\%") : std::string(1, c);
  return text.empty() ? "Untitled" : text;
}

}  // namespace

std::string format_abc(const Melody& melody, std::size_t number) {
  return fmt::format("X:{}\nT:{}\nM:{}/{}\nL:1/8\nQ:1/4={}\nK:{}\n", number, title_text(melody.title),
                     melody.meter.beats, melody.meter.unit, std::lround(melody.tempo), key_name(melody.key)) +
         Score(melody).text();
}

}  // namespace rnn
