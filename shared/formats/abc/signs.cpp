module;
#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string_view>

// Music as it stands on paper: what is between the notes.
module rnn.formats.abc;

import rnn.base.text;
import rnn.data.melody;

namespace rnn::abc {

// "Am": a chord symbol; "^slowly" and the like are for the eye.
void Music::read_quoted() {
  const std::size_t begin = ++at_;
  skip_until('"', "the end of a chord symbol");
  if (const std::optional<Chord> chord = parse_chord(line_.substr(begin, at_ - 1 - begin))) {
    items_.push_back({.kind = Item::Kind::chord, .line = number_, .chord = *chord});
  }
}

// (3abc: three notes in the time of two; (p:q:r, p in the time of q for the next r notes. A plain ( is a slur.
void Music::read_tuplet() {
  ++at_;
  const std::uint32_t notes = read_number(0);
  if (notes == 0) return;
  if (notes < 2 || notes > 9) throw Problem{fmt::format("expected a tuplet of 2 to 9 notes, found one of {}", notes)};
  const bool triple = meter_.beats % 3 == 0 && meter_.unit == 8;
  std::uint32_t time = notes == 3 || notes == 6 ? 2 : notes == 2 || notes == 4 || notes == 8 ? 3 : triple ? 3 : 2;
  std::uint32_t count = notes;
  if (peek() == ':') {
    ++at_;
    time = read_number(time);
    if (peek() == ':') {
      ++at_;
      count = read_number(notes);
    }
  }
  if (time == 0 || time > 99 || count == 0 || count > 99)
    throw Problem{"expected a tuplet such as (3 or (3:2:3, found another"};
  tuplet_ = {time, notes};
  tuplet_left_ = count;
}

// a>b: the first note is dotted and the second halved; a>>b doubly so; a<b the other way around.
void Music::read_broken_rhythm() {
  const char sign = peek();
  std::uint32_t count = 0;
  for (; peek() == sign; ++at_) ++count;
  Item* before = last_note();
  if (!before || count > 3) {
    throw Problem{fmt::format("expected a note before {}, found none", sign)};
  }
  const std::uint32_t parts = 1u << count;  // the shorter one has 1 of them, the longer one twice as many less 1
  const Fraction longer{2 * parts - 1, parts}, shorter{1, parts};
  const auto& [own, next] = sign == '>' ? std::pair(longer, shorter) : std::pair(shorter, longer);
  before->duration = times(before->duration, own.above, own.below);
  broken_ = next;
}

void Music::add_bar(const Item& bar) {
  in_bar_.clear();
  items_.push_back(bar);
  items_.back().line = number_;
}

// |, ||, |], [|, |:, :|, ::, :|: and the like.
void Music::read_bar_line() {
  Item bar{.kind = Item::Kind::bar};
  std::uint32_t lines = 0, colons = 0;
  const std::size_t begin = at_;
  if (peek() == '[') ++at_, ++lines;
  for (char c = peek();; c = peek()) {
    if (c == ':') {
      ++colons;
      (lines == 0 ? bar.closes : bar.opens) = true;
    } else if (c == '|' || (c == ']' && line_[at_ - 1] == '|')) {
      ++lines;
    } else {
      break;
    }
    ++at_;
    if (c == ']') break;
  }
  if (lines == 0 && colons < 2) {
    throw Problem{fmt::format("expected a bar line, found \"{}\"", printable(line_.substr(begin, 1)))};
  }
  if (lines == 0) bar.opens = true;  // ::
  bar.thick = lines >= 2;
  add_bar(bar);
  if (peek() >= '1' && peek() <= '9') read_endings();
}

// [1, |2, [1,3, [1-3: the passes for which what follows is played.
void Music::read_endings() {
  std::uint16_t passes = 0;
  while (true) {
    const std::uint32_t first = read_number(0);
    std::uint32_t last = first;
    if (peek() == '-') {
      ++at_;
      last = read_number(0);
    }
    if (last < first || last > 9) throw Problem{"expected endings from 1 to 9, found others"};
    for (std::uint32_t i = first; i <= last; ++i) passes |= static_cast<std::uint16_t>(1u << i);
    if (peek() != ',' || peek(1) < '1' || peek(1) > '9') break;
    ++at_;
  }
  items_.push_back({.kind = Item::Kind::ending, .endings = passes, .line = number_});
}

// [M:3/4], [1, [|, or notes that sound together.
void Music::read_field_or_chord() {
  const char c = peek(1);
  if (c == '|') return read_bar_line();
  if (c >= '1' && c <= '9') {
    ++at_;
    return read_endings();
  }
  if (c == '"') {  // an ending with a name of its own
    at_ += 2;
    return skip_until('"', "the end of an ending's name");
  }
  if (peek(2) == ':' && ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))) {
    const std::size_t begin = at_ + 3;
    skip_until(']', "the end of a header");
    return field(c, trimmed(line_.substr(begin, at_ - 1 - begin)));
  }
  read_notes_together();
}

}  // namespace rnn::abc
