module;
#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

module rnn.data.paper;

namespace rnn {

namespace {

/// Otsu's threshold: the one with the least variance within the two parts, so with the most between them. The lowest
/// of the values is in the first part, the highest in the second one.
float otsu(const std::vector<float>& values, float low, float high) {
  constexpr int bins = 256;
  std::array<double, bins> histogram{};
  for (const float value : values) {
    histogram[std::size_t(std::clamp(int((value - low) / (high - low) * bins), 0, bins - 1))] += 1;
  }
  double all = 0, moment = 0;
  for (int k = 0; k < bins; ++k) all += histogram[std::size_t(k)], moment += k * histogram[std::size_t(k)];
  double count = 0, below = 0, best = -1, sum = 0;
  int ties = 0;
  for (int k = 0; k + 1 < bins; ++k) {
    count += histogram[std::size_t(k)], below += k * histogram[std::size_t(k)];
    const double apart = below / count - (moment - below) / (all - count);
    const double between = count * (all - count) * apart * apart;
    if (between > best * (1 + 1e-9)) best = between, sum = 0, ties = 0;
    if (between >= best * (1 - 1e-9)) sum += k, ++ties;  // all thresholds in an empty range are equal: take its middle
  }
  return low + float(sum / ties + 1) / bins * (high - low);
}

}  // namespace

Levels levels_of(const Plane& tone, float noise) {
  const auto [low, high] = std::ranges::minmax(tone.values);
  Levels levels;
  levels.threshold = high > low ? otsu(tone.values, low, high) : low;
  std::vector<float> dark, bright;
  for (const float value : tone.values) (value < levels.threshold ? dark : bright).push_back(value);
  levels.dark = quantile(dark, 0.5), levels.bright = quantile(bright, 0.5);
  const float contrast = levels.contrast();
  if (dark.empty() || contrast < 4 * noise) return levels;
  const float limit = std::max(0.2f * contrast, 4 * noise);
  double between = 0, beyond = 0;
  for (const float value : tone.values) {
    between += value > levels.dark + 0.3f * contrast && value < levels.bright - 0.3f * contrast;
    beyond += value < levels.dark - limit || value > levels.bright + limit;
  }
  const auto all = double(tone.values.size());
  levels.only = between < 0.18 * all && beyond < 0.02 * all;
  return levels;
}

}  // namespace rnn
