module;
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

module rnn.data.melody;

import rnn.base.text;

namespace rnn {

namespace {

constexpr std::array<const char*, 12> names = {"C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"};

std::string quoted(std::string_view text) { return '"' + printable(shortened(text, 40)) + '"'; }

Ticks parse_duration(std::string_view text) {
  const std::size_t slash = text.find('/');
  const unsigned above = parse_number<unsigned>(text.substr(0, slash)).value_or(0);
  const unsigned below =
      slash == std::string_view::npos ? 1 : parse_number<unsigned>(text.substr(slash + 1)).value_or(0);
  if (above == 0 || above > 64 || below == 0 || below > 128 || ticks_of_quarter * above % below != 0) {
    throw std::invalid_argument(
        fmt::format("expected a duration in quarter notes from 1/32 to 64, such as 1 or 3/2, got {}", quoted(text)));
  }
  return ticks_of_quarter * above / below;
}

}  // namespace

std::uint64_t length_of(const Melody& melody) {
  std::uint64_t sum = 0;
  for (const Event& event : melody.events) sum += event.duration;
  return sum;
}

void set_positions(std::vector<Event>& events, Ticks bar, Ticks first) {
  Ticks position = first % bar;
  for (Event& event : events) {
    event.position = position;
    position = (position + event.duration % bar) % bar;
  }
}

// Seven semitones up are one sharp more. Keys of more than six are written as their neighbors of fewer.
static int sharps_after(int sharps, int semitones) {
  const int turned = ((sharps + 7 * semitones) % 12 + 12) % 12;
  return turned > 6 ? turned - 12 : turned;
}

Melody transposed(const Melody& melody, int semitones) {
  Melody result = melody;
  result.key.sharps = semitones == 0 ? melody.key.sharps : sharps_after(melody.key.sharps, semitones);
  for (Event& event : result.events) {
    if (event.pitch == rest) continue;
    event.pitch += semitones;
    if (event.pitch < lowest_pitch || event.pitch > highest_pitch) {
      throw std::invalid_argument(fmt::format("transposed: {} semitones take a pitch out of 0 to 127", semitones));
    }
  }
  for (Chord& chord : result.chords) chord.root = static_cast<std::uint8_t>(((chord.root + semitones) % 12 + 12) % 12);
  return result;
}

int semitones_to_c(const Key& key) {
  const int down = ((7 * key.sharps) % 12 + 12) % 12;  // the tonic of the major key above C
  return down > 5 ? 12 - down : -down;
}

std::string pitch_name(int pitch) {
  if (pitch == rest) return "rest";
  return fmt::format("{}{}", names[static_cast<std::size_t>(pitch % 12)], pitch / 12 - 1);
}

int parse_pitch(std::string_view name) {
  if (name == "rest" || name == "z") return rest;
  constexpr std::string_view letters = "C D EF G A B";
  const std::size_t letter = name.empty() ? std::string_view::npos : letters.find(name[0]);
  int pitch = static_cast<int>(letter);
  std::string_view left = name.substr(std::min<std::size_t>(1, name.size()));
  for (int i = 0; i < 2 && !left.empty() && (left[0] == '#' || left[0] == 'b'); ++i) {
    pitch += left[0] == '#' ? 1 : -1;
    left.remove_prefix(1);
  }
  const std::optional<unsigned> octave = parse_number<unsigned>(left);
  pitch += 12 * (static_cast<int>(std::min(octave.value_or(0), 99u)) + 1);
  const bool right = letter != std::string_view::npos && name[0] != ' ' && octave;
  if (right && pitch <= highest_pitch) return pitch;
  throw std::invalid_argument(fmt::format("expected a pitch such as C4, F#5, Bb3 or rest, got {}", quoted(name)));
}

std::string duration_name(Ticks duration) {
  const Ticks divisor = std::gcd(duration, ticks_of_quarter);
  const Ticks above = duration / divisor, below = ticks_of_quarter / divisor;
  return below == 1 ? fmt::format("{}", above) : fmt::format("{}/{}", above, below);
}

std::vector<Event> parse_events(std::string_view text) {
  std::vector<Event> events;
  while (true) {
    const std::size_t begin = text.find_first_not_of(" \t\n");
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::string_view word = text.substr(0, text.find_first_of(" \t\n"));
    text.remove_prefix(word.size());
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos) {
      throw std::invalid_argument(fmt::format("expected a pitch and a duration, such as C4:1, got {}", quoted(word)));
    }
    events.push_back({parse_pitch(word.substr(0, colon)), parse_duration(word.substr(colon + 1))});
  }
  if (events.empty()) throw std::invalid_argument("expected at least one event, such as C4:1, got none");
  return events;
}

std::string chord_name(const Chord& chord) {
  constexpr const char* kinds[] = {"", "m", "7", "m7", "dim"};
  return fmt::format("{}{}", names[chord.root], kinds[static_cast<std::size_t>(chord.kind)]);
}

std::vector<int> intervals_of(Chord::Kind kind) {
  switch (kind) {
    case Chord::Kind::minor: return {0, 3, 7};
    case Chord::Kind::seventh: return {0, 4, 7, 10};
    case Chord::Kind::minor_seventh: return {0, 3, 7, 10};
    case Chord::Kind::diminished: return {0, 3, 6};
    default: return {0, 4, 7};
  }
}

}  // namespace rnn
