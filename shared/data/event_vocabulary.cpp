module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

module rnn.data.event_vocabulary;

import rnn.base.text;
import rnn.data.melody;

namespace rnn {

namespace {

// The order of places: by meter, then from the bar line on.
auto key(const BarPlace& place) { return std::tuple(place.meter.unit, place.meter.beats, place.position); }

template <class T, class Key>
std::uint32_t number_in(const std::vector<T>& sorted, const Key& wanted, auto projection) {
  const auto found = std::ranges::lower_bound(sorted, wanted, {}, projection);
  if (found == sorted.end() || projection(*found) != wanted) return 0;
  return static_cast<std::uint32_t>(found - sorted.begin() + 1);
}

/// Reads a text from its beginning on, and notes whether something else was there than was asked for.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  template <class Number>
  Number number() {
    const std::optional<Number> result = take_number<Number>(text_);
    right_ = right_ && result;
    return result.value_or(0);
  }
  bool skip(char sign) {
    const bool found = text_.starts_with(sign);
    if (found) text_.remove_prefix(1);
    return found;
  }
  void require(char sign) { right_ = skip(sign) && right_; }
  bool at_end() const { return text_.empty(); }
  bool right() const { return right_; }

 private:
  std::string_view text_;
  bool right_ = true;
};

constexpr auto itself = [](const auto& x) { return x; };

}  // namespace

EventVocabulary::EventVocabulary(std::span<const Melody> melodies) {
  std::set<int> pitches;
  std::set<Ticks> durations;
  std::set<std::tuple<std::uint32_t, std::uint32_t, Ticks>> places;
  for (const Melody& melody : melodies) {
    for (const Event& event : melody.events) {
      pitches.insert(event.pitch);
      durations.insert(event.duration);
      places.insert(key({melody.meter, event.position}));
    }
  }
  pitches_.assign(pitches.begin(), pitches.end());
  durations_.assign(durations.begin(), durations.end());
  for (const auto& [unit, beats, position] : places) places_.push_back({{beats, unit}, position});
}

std::uint32_t EventVocabulary::number_of_pitch(int pitch) const { return number_in(pitches_, pitch, itself); }
std::uint32_t EventVocabulary::number_of_duration(Ticks duration) const {
  return number_in(durations_, duration, itself);
}
std::uint32_t EventVocabulary::number_of_place(const BarPlace& place) const {
  return number_in(places_, key(place), [](const BarPlace& one) { return key(one); });
}

bool EventVocabulary::knows(const Melody& melody) const {
  return std::ranges::all_of(melody.events, [&](const Event& event) {
    return number_of_pitch(event.pitch) != 0 && number_of_duration(event.duration) != 0;
  });
}

EncodedMelody EventVocabulary::encode(const Melody& melody) const {
  EncodedMelody result;
  const auto add = [&](std::uint32_t pitch, std::uint32_t duration, Ticks position) {
    result.pitch.push_back(pitch);
    result.duration.push_back(duration);
    result.place.push_back(number_of_place({melody.meter, position}));
  };
  Ticks next = 0;
  for (const Event& event : melody.events) {
    const std::uint32_t pitch = number_of_pitch(event.pitch), duration = number_of_duration(event.duration);
    if (pitch == 0 || duration == 0) {
      throw std::invalid_argument(fmt::format("expected only pitches and durations that the network knows, found {}:{}",
                                              pitch_name(event.pitch), duration_name(event.duration)));
    }
    add(pitch, duration, event.position);
    next = (event.position + event.duration % melody.meter.bar()) % melody.meter.bar();
  }
  add(end_of_tune, 0, next);
  return result;
}

std::string EventVocabulary::text() const {
  std::vector<std::string> places;
  for (const auto& [meter, position] : places_) {
    places.push_back(fmt::format("{}/{}+{}", meter.beats, meter.unit, position));
  }
  return fmt::format("{};{};{}", fmt::join(pitches_, " "), fmt::join(durations_, " "), fmt::join(places, " "));
}

EventVocabulary::EventVocabulary(const std::string& text) {
  Scanner from(text);
  do {
    pitches_.push_back(from.number<int>());
  } while (from.skip(' '));
  from.require(';');
  do {
    durations_.push_back(from.number<Ticks>());
  } while (from.skip(' '));
  from.require(';');
  if (!from.at_end()) {
    do {
      BarPlace& place = places_.emplace_back();
      place.meter.beats = from.number<std::uint32_t>();
      from.require('/');
      place.meter.unit = from.number<std::uint32_t>();
      from.require('+');
      place.position = from.number<Ticks>();
    } while (from.skip(' '));
  }
  bool right = from.right() && from.at_end() && text.size() < 1'000'000;
  // Sorted and each only once, as `text` writes them; within the bounds that a melody has.
  right = right && pitches_.front() >= rest && pitches_.back() <= highest_pitch && durations_.front() > 0;
  right = right && std::ranges::adjacent_find(pitches_, std::greater_equal()) == pitches_.end() &&
          std::ranges::adjacent_find(durations_, std::greater_equal()) == durations_.end() &&
          std::ranges::adjacent_find(places_, [](const BarPlace& a, const BarPlace& b) { return key(a) >= key(b); }) ==
              places_.end();
  if (!right) {
    throw std::invalid_argument(
        fmt::format("expected a vocabulary of pitches, durations and places in bars, found \"{}\"",
                    printable(shortened(text, 60))));
  }
}

bool EventVocabulary::operator==(const EventVocabulary& other) const {
  return pitches_ == other.pitches_ && durations_ == other.durations_ && places_ == other.places_;
}

}  // namespace rnn
