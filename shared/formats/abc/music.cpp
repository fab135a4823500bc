module;
#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

// Music as it stands on paper: notes and their lengths.
module rnn.formats.abc;

import rnn.base.text;
import rnn.data.melody;

namespace rnn::abc {

Ticks times(Ticks length, std::uint64_t above, std::uint64_t below) {
  const std::uint64_t ticks = length * above;
  if (below == 0 || ticks == 0 || ticks % below != 0) {
    throw Problem{"expected a length that can be divided into 128ths or tuplets of up to 9, found another"};
  }
  if (ticks / below > std::uint64_t(64) * ticks_of_whole) {
    throw Problem{"expected a note of at most 64 whole notes, found a longer one"};
  }
  return static_cast<Ticks>(ticks / below);
}

Music::Music(Meter meter, Fraction unit, std::map<char, int> accidentals)
    : meter_(meter), unit_(unit), key_(std::move(accidentals)) {}

char Music::peek(std::size_t ahead) const { return at_ + ahead < line_.size() ? line_[at_ + ahead] : '\0'; }

void Music::field(char name, std::string_view value) {
  switch (name) {
    case 'M': {
      const Meter meter = parse_meter(value);
      if (has_notes_ && meter != meter_) throw Problem{"expected one meter for the whole tune, found a change"};
      meter_ = meter;
      return;
    }
    case 'L': unit_ = parse_unit_length(value); return;
    case 'Q':
      if (!has_notes_) tempo_ = parse_tempo(value, meter_, 120);
      return;
    case 'K':
      key_.clear();
      parse_key(value, key_);
      in_bar_.clear();
      return;
    case 'V': throw Problem{"expected one voice, found V: within the music"};
    default: return;
  }
}

void Music::finish() const {
  if (tuplet_left_ > 0) throw Problem{"expected the rest of a tuplet, found the end of the tune"};
}

void Music::read(std::string_view line, std::uint32_t number) {
  line_ = line;
  at_ = 0;
  number_ = number;
  constexpr std::size_t most_items = 100000;
  while (at_ < line_.size()) {
    read_one();
    if (items_.size() > most_items) throw Problem{fmt::format("expected at most {} notes, found more", most_items)};
  }
}

void Music::read_one() {
  const char c = peek();
  switch (c) {
    case ' ':
    case '\t':
    case '\r':
    case '\\':  // the line goes on in the next one
    case '`':
    case ')':  // the end of a slur
    case '~':
    case '.':
    case '$':
    case '*':
    case 'y': ++at_; return;
    case '"': return read_quoted();
    case '!':
    case '+': ++at_; return skip_until(c, "the end of a decoration");
    case '{': return skip_until('}', "the end of grace notes");
    case '(': return read_tuplet();
    case '[': return read_field_or_chord();
    case '|':
    case ':': return read_bar_line();
    case '>':
    case '<': return read_broken_rhythm();
    case '-': {
      if (Item* note = last_note()) note->tied = true;
      ++at_;
      return;
    }
    case 'z':
    case 'x':
    case 'Z':
    case 'X': return read_rest();
    case '&': throw Problem{"expected one voice, found an overlay, &"};
    default: break;
  }
  if ((c >= 'A' && c <= 'G') || (c >= 'a' && c <= 'g') || c == '^' || c == '_' || c == '=') return read_note();
  if ((c >= 'H' && c <= 'W') || (c >= 'h' && c <= 'w')) {  // a decoration of one letter
    ++at_;
    return;
  }
  throw Problem{fmt::format("expected a note or a bar line, found \"{}\"", printable(line_.substr(at_, 1)))};
}

void Music::skip_until(char end, const char* what) {
  const std::size_t found = line_.find(end, at_);
  if (found == std::string_view::npos)
    throw Problem{fmt::format("expected {}, {}, found the end of the line", what, end)};
  at_ = found + 1;
}

// Accidentals hold until the bar line; the signature's are for every octave.
int Music::read_pitch() {
  int accidental = 0;
  bool written = false;
  for (char c = peek(); c == '^' || c == '_' || c == '='; c = peek()) {
    accidental += c == '^' ? 1 : c == '_' ? -1 : 0;
    written = true;
    ++at_;
  }
  const char letter = peek();
  const bool lower = letter >= 'a' && letter <= 'g';
  if (!lower && (letter < 'A' || letter > 'G')) throw Problem{"expected a note after an accidental, found none"};
  if (accidental < -2 || accidental > 2) throw Problem{"expected at most two sharps or flats, found more"};
  ++at_;
  int octave = lower ? 6 : 5;  // C is middle C, 60
  for (char c = peek(); c == '\'' || c == ','; c = peek()) {
    octave += c == '\'' ? 1 : -1;
    if (octave < 0 || octave > 10) throw Problem{"expected a pitch of MIDI's, found a higher or lower one"};
    ++at_;
  }
  const char name = lower ? static_cast<char>(letter - 'a' + 'A') : letter;
  const int place = octave * 8 + (name - 'A');
  if (written) {
    in_bar_[place] = accidental;
  } else if (const auto found = in_bar_.find(place); found != in_bar_.end()) {
    accidental = found->second;
  } else if (const auto of_key = key_.find(name); of_key != key_.end()) {
    accidental = of_key->second;
  }
  constexpr int semitones[] = {9, 11, 0, 2, 4, 5, 7};  // A to G
  const int pitch = 12 * octave + semitones[name - 'A'] + accidental;
  if (pitch < lowest_pitch || pitch > highest_pitch) {
    throw Problem{"expected a pitch of MIDI's, found a higher or lower one"};
  }
  return pitch;
}

std::uint32_t Music::read_number(std::uint32_t unless_given) {
  if (peek() < '0' || peek() > '9') return unless_given;
  std::uint32_t number = 0;
  for (char c = peek(); c >= '0' && c <= '9'; c = peek()) {
    number = 10 * number + static_cast<std::uint32_t>(c - '0');
    if (number > 9999) throw Problem{"expected a number of at most 4 digits, found a longer one"};
    ++at_;
  }
  return number;
}

// "3/2", "2", "/", "//", "/4": a multiple of the unit.
Ticks Music::read_length() {
  const std::uint32_t above = read_number(1);
  std::uint64_t below = 1;
  while (peek() == '/') {
    ++at_;
    below *= read_number(2);
    if (below > 1024) throw Problem{"expected a note of at least a 128th, found a shorter one"};
  }
  return times(ticks_of_whole * unit_.above / unit_.below, above, below);
}

void Music::read_note() {
  const int pitch = read_pitch();
  add_note(pitch, read_length());
}

// [CEG]2: the highest pitch, for the first one's time.
void Music::read_notes_together() {
  int highest = rest;
  Ticks length = 0;
  bool tied = false;
  for (++at_; peek() != ']';) {
    const char c = peek();
    if (c == '\0') throw Problem{"expected the end of a chord, ], found the end of the line"};
    if (c == '-') tied = true;
    if (c == '"') {
      ++at_;
      skip_until('"', "the end of a chord symbol");
    } else if ((c >= 'A' && c <= 'G') || (c >= 'a' && c <= 'g') || c == '^' || c == '_' || c == '=') {
      const int pitch = read_pitch();
      const Ticks own = read_length();
      if (length == 0) length = own;
      highest = std::max(highest, pitch);
    } else if (c == ' ' || c == '-' || c == '.' || c == '~' || c == '+' || c == '(' || c == ')' ||
               (c >= 'u' && c <= 'v')) {
      ++at_;
    } else {
      throw Problem{fmt::format("expected notes up to ], found \"{}\"", printable(line_.substr(at_, 1)))};
    }
  }
  ++at_;
  if (length == 0) throw Problem{"expected notes in [ ], found none"};
  const std::uint32_t above = read_number(1);
  std::uint64_t below = 1;
  while (peek() == '/' && below <= 1024) {
    ++at_;
    below *= read_number(2);
  }
  add_note(highest, times(length, above, below));
  if (tied) items_.back().tied = true;
}

void Music::read_rest() {
  const char kind = peek();
  ++at_;
  if (kind == 'z' || kind == 'x') return add_note(rest, read_length());
  const std::uint32_t bars = read_number(1);  // Z4: four bars
  if (bars == 0 || bars > 64) throw Problem{"expected a rest of 1 to 64 bars, found another"};
  for (std::uint32_t i = 0; i < bars; ++i) {
    add_note(rest, meter_.bar());
    if (i + 1 < bars) add_bar({.kind = Item::Kind::bar});
  }
}

void Music::add_note(int pitch, Ticks duration) {
  if (tuplet_left_ > 0) {
    duration = times(duration, tuplet_.above, tuplet_.below);
    --tuplet_left_;
  }
  duration = times(duration, broken_.above, broken_.below);
  broken_ = {};
  has_notes_ = true;
  items_.push_back(
      {.kind = Item::Kind::note, .pitch = static_cast<std::int16_t>(pitch), .line = number_, .duration = duration});
  last_note_ = items_.size();
}

Item* Music::last_note() { return last_note_ == 0 ? nullptr : &items_[last_note_ - 1]; }

}  // namespace rnn::abc
