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

std::vector<Candidate> candidates(ConstView pitch_logits, ConstView duration_logits, double temperature,
                                  std::size_t top) {
  require_shape("candidates", "pitch_logits", pitch_logits, 1, duration_logits.rows);
  if (!(temperature > 0)) {
    throw std::invalid_argument(fmt::format("candidates: temperature must be above 0, got {}", temperature));
  }
  const std::vector<double> pitches = softmax_of(pitch_logits, 0, temperature);
  std::vector<Candidate> all = {{0, 0, pitches[0]}};
  for (Index pitch = 1; pitch < pitches.size(); ++pitch) {
    const std::vector<double> durations = softmax_of(duration_logits.rows_from(pitch, 1), 1, temperature);
    for (Index duration = 1; duration < durations.size(); ++duration) {
      all.push_back({pitch, duration, pitches[pitch] * durations[duration]});
    }
  }
  std::ranges::sort(all, {},
                    [](const Candidate& one) { return std::tuple(-one.probability, one.pitch, one.duration); });
  if (top == 0 || top >= all.size()) return all;
  all.resize(top);
  double sum = 0;
  for (const Candidate& one : all) sum += one.probability;
  for (Candidate& one : all) one.probability /= sum;
  return all;
}

const Candidate& choose(const std::vector<Candidate>& from, double uniform) {
  for (const Candidate& one : from) {
    uniform -= one.probability;
    if (uniform < 0) return one;
  }
  return from.front();  // rounding: the probabilities add up to a little less than 1
}

}  // namespace rnn
