module;
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

module rnn.formats.chorales;

import rnn.base.error;
import rnn.base.file;
import rnn.base.json;
import rnn.data.melody;

namespace rnn {

namespace {

constexpr Ticks sixteenth = ticks_of_quarter / 4;
constexpr std::size_t sixteenths_of_bar = 16;

// How well each pitch class, from the tonic upwards, fits into a key, as listeners judged it.
constexpr std::array<double, 12> major_profile = {6.35, 2.23, 3.48, 2.33, 4.38, 4.09,
                                                  2.52, 5.19, 2.39, 3.66, 2.29, 2.88};
constexpr std::array<double, 12> minor_profile = {6.33, 2.68, 3.52, 5.38, 2.60, 3.53,
                                                  2.54, 4.75, 3.98, 2.69, 3.34, 3.17};

/// Sharps of the major and of the minor key on each pitch class; flats are negative.
constexpr std::array<int, 12> sharps_of_major = {0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5};
constexpr std::array<int, 12> sharps_of_minor = {-3, 4, -1, -6, 1, -4, 3, -2, 5, 0, -5, 2};

/// The correlation with a profile, but for a factor that is the same for all keys: the spread of the pitch classes.
/// Their mean takes nothing from the sum, for the profile is centered.
double correlation(const std::vector<double>& classes, const std::array<double, 12>& profile, std::size_t tonic) {
  const double mean = std::accumulate(profile.begin(), profile.end(), 0.0) / 12;
  double xy = 0, yy = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    const double y = profile[i] - mean;
    xy += classes[(tonic + i) % 12] * y;
    yy += y * y;
  }
  return xy / std::sqrt(yy);
}

/// What is wrong, before it is known in which step.
struct Problem {
  std::string what;
};

/// What one step of a chorale says. Throws Problem.
std::vector<int> pitches_of(const Json& step) {
  const JsonList* list = step.list();
  if (list == nullptr || list->empty()) {
    throw Problem{"expected a list of pitches, found " + describe(step)};
  }
  std::vector<int> pitches;
  for (const Json& one : *list) {
    const double* number = one.number();
    const bool is_rest = number != nullptr && *number == rest;
    if (!is_rest && (one.whole() == nullptr || *one.whole() > highest_pitch)) {
      throw Problem{
          fmt::format("expected a pitch from {} to {}, or -1, found {}", lowest_pitch, highest_pitch, describe(one))};
    }
    pitches.push_back(static_cast<int>(*number));
  }
  return pitches;
}

Melody soprano_of(const JsonList& steps) {
  Melody melody;
  std::vector<double> classes(12, 0);
  const std::size_t upbeat = steps.size() % sixteenths_of_bar;
  std::size_t place = upbeat == 0 ? 0 : sixteenths_of_bar - upbeat;  // in the bar
  const auto first = static_cast<Ticks>(place) * sixteenth;
  for (std::size_t step = 0; step < steps.size(); ++step, place = (place + 1) % sixteenths_of_bar) {
    std::vector<int> pitches;
    try {
      pitches = pitches_of(steps[step]);
    } catch (const Problem& problem) {
      throw Problem{fmt::format("step {}: {}", step + 1, problem.what)};
    }
    for (const int pitch : pitches) {
      if (pitch != rest) classes[std::size_t(pitch) % 12] += 1;
    }
    if (place != 0 && !melody.events.empty() && melody.events.back().pitch == pitches[0]) {
      melody.events.back().duration += sixteenth;
    } else {
      melody.events.push_back({pitches[0], sixteenth});
    }
  }
  set_positions(melody.events, melody.meter.bar(), first);
  melody.key = key_of(classes);
  melody.tempo = 80;
  return melody;
}

}  // namespace

Key key_of(const std::vector<double>& pitch_classes) {
  Key best;
  double highest = -std::numeric_limits<double>::infinity();
  for (std::size_t tonic = 0; tonic < 12; ++tonic) {
    for (const bool minor : {false, true}) {
      const double fit = correlation(pitch_classes, minor ? minor_profile : major_profile, tonic);
      if (!(fit > highest)) continue;
      highest = fit;
      best = {minor ? sharps_of_minor[tonic] : sharps_of_major[tonic], minor};
    }
  }
  return best;
}

std::vector<Melody> parse_chorales(std::string_view text, const std::filesystem::path& path) {
  constexpr std::size_t most_values = 4'000'000;
  std::vector<Melody> melodies;
  parse_json_members(text, path, most_values, [&](const JsonMember& part) {
    const JsonList* chorales = part.value.list();
    if (chorales == nullptr) {
      throw FileError(
          path, fmt::format("{:.60}: expected a list of chorales, found {}", quote(part.name), describe(part.value)));
    }
    for (std::size_t i = 0; i < chorales->size(); ++i) {
      const std::string where = fmt::format("{:.60}, chorale {}", quote(part.name), i + 1);
      const JsonList* steps = (*chorales)[i].list();
      if (steps == nullptr || steps->empty()) {
        throw FileError(path, fmt::format("{}: expected a list of steps, found {}", where, describe((*chorales)[i])));
      }
      try {
        Melody melody = soprano_of(*steps);
        melody.title = fmt::format("Chorale {}", melodies.size() + 1);
        melodies.push_back(std::move(melody));
      } catch (const Problem& problem) {
        throw FileError(path, where + ", " + problem.what);
      }
    }
  });
  return melodies;
}

std::vector<Melody> read_chorales(const std::filesystem::path& path) {
  constexpr std::size_t largest = std::size_t(16) << 20;
  return parse_chorales(read_file(path, largest), path);
}

}  // namespace rnn
