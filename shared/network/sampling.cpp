module;
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <tuple>
#include <vector>

module rnn.network.sampling;

import rnn.linalg.matrix;

namespace rnn {

// The softmax of the logits from `first` on, divided by the temperature; before `first` it is 0.
static std::vector<double> softmax_of(ConstView logits, Index first, double temperature) {
  double largest = -INFINITY;
  for (Index j = first; j < logits.columns; ++j) largest = std::max(largest, double(logits(0, j)));
  std::vector<double> result(logits.columns, 0.0);
  double sum = 0;
  for (Index j = first; j < logits.columns; ++j) {
    result[j] = std::exp((double(logits(0, j)) - largest) / temperature);
    sum += result[j];
  }
  for (double& one : result) one /= sum;
  return result;
}

static void require_temperature(double temperature) {
  if (temperature > 0) return;
  throw std::invalid_argument(fmt::format("temperature must be above 0, got {}", temperature));
}

static void scale_to_one(std::vector<Candidate>& events) {
  double sum = 0;
  for (const Candidate& one : events) sum += one.probability;
  for (Candidate& one : events) one.probability /= sum;
}

// The most likely first, and with `top` only so many of them, scaled to add up to 1.
static void sort_and_cut(std::vector<Candidate>& events, std::size_t top) {
  std::ranges::sort(events, {},
                    [](const Candidate& one) { return std::tuple(-one.probability, one.pitch, one.duration); });
  if (top == 0 || top >= events.size()) return;
  events.resize(top);
  scale_to_one(events);
}

std::vector<Candidate> candidates(ConstView pitch_logits, ConstView duration_logits, double temperature,
                                  std::size_t top) {
  require_shape("candidates", "pitch_logits", pitch_logits, 1, duration_logits.rows);
  require_temperature(temperature);
  const std::vector<double> pitches = softmax_of(pitch_logits, 0, temperature);
  std::vector<Candidate> all = {{0, 0, pitches[0]}};
  for (Index pitch = 1; pitch < pitches.size(); ++pitch) {
    const std::vector<double> durations = softmax_of(duration_logits.rows_from(pitch, 1), 1, temperature);
    for (Index duration = 1; duration < durations.size(); ++duration) {
      all.push_back({pitch, duration, pitches[pitch] * durations[duration]});
    }
  }
  sort_and_cut(all, top);
  return all;
}

std::vector<Candidate> at_temperature(std::vector<Candidate> events, double temperature, std::size_t top) {
  require_temperature(temperature);
  double largest = 0;
  for (const Candidate& one : events) largest = std::max(largest, one.probability);
  for (Candidate& one : events) one.probability = std::pow(one.probability / largest, 1 / temperature);
  scale_to_one(events);
  sort_and_cut(events, top);
  return events;
}

const Candidate& choose(const std::vector<Candidate>& from, double uniform) {
  for (const Candidate& one : from) {
    uniform -= one.probability;
    if (uniform < 0) return one;
  }
  return from.front();  // rounding: the probabilities add up to a little less than 1
}

}  // namespace rnn
