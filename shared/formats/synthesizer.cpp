module;
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_real_distribution.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <vector>

module rnn.formats.synthesizer;

import rnn.base.random;
import rnn.data.melody;

namespace rnn {

namespace {

using std::numbers::pi;

/// The coefficient c of the allpass y[n] = c·x[n] + x[n−1] − c·y[n−1] that delays this angular frequency, in radians a
/// sample, by exactly `delay` samples.
double allpass(double delay, double frequency) {
  return std::sin((1 - delay) * frequency / 2) / std::sin((1 + delay) * frequency / 2);
}

/// Noise without a constant part, made softer by averaging neighbors again and again: a thumb, not a plectrum.
std::vector<double> excitation(std::size_t size, std::uint64_t seed) {
  boost::random::mt19937 engine = seeded(seed);
  const boost::random::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<double> noise(size);
  for (double& sample : noise) sample = uniform(engine);
  for (int pass = 0; pass < 8; ++pass) {
    double before = noise.back();
    for (double& sample : noise) {
      const double own = sample;
      sample = (own + before) / 2;
      before = own;
    }
  }
  const double mean = std::accumulate(noise.begin(), noise.end(), 0.0) / double(size);
  for (double& sample : noise) sample -= mean;
  const double largest = std::max(std::ranges::max(noise), -std::ranges::min(noise));
  if (largest == 0) return noise;  // one or two samples, which are the same when they are averaged
  for (double& sample : noise) sample /= largest;
  return noise;
}

/// A note neither begins nor ends with a jump, which would be a click.
void soften_ends(std::vector<float>& samples, unsigned rate) {
  const std::size_t begin = std::min<std::size_t>(samples.size() / 4, rate / 500);
  const std::size_t end = std::min<std::size_t>(samples.size() / 2, rate / 20);
  for (std::size_t i = 0; i < begin; ++i) samples[i] *= float(0.5 - 0.5 * std::cos(pi * double(i) / double(begin)));
  for (std::size_t i = 0; i < end; ++i) {
    samples[samples.size() - 1 - i] *= float(0.5 - 0.5 * std::cos(pi * double(i) / double(end)));
  }
}

}  // namespace

double frequency_of(int pitch) { return 440 * std::exp2((pitch - 69) / 12.0); }

std::vector<float> pluck(int pitch, std::size_t samples, std::uint64_t seed, unsigned rate) {
  const double frequency = frequency_of(pitch), period = rate / frequency, angular = 2 * pi / period;
  // The average of two samples delays by half a sample; what is left of the period is split into a whole number and
  // 0.3 to 1.3, where the allpass delays all frequencies about equally.
  const auto whole = static_cast<std::size_t>(std::max(1.0, std::floor(period - 0.5 - 0.3)));
  const double c = allpass(period - 0.5 - double(whole), angular);
  constexpr double seconds_to_60_decibels_less = 3;
  const double loss = std::pow(10.0, -3 / (seconds_to_60_decibels_less * frequency));

  std::vector<double> line = excitation(whole, combine_seeds({seed, std::uint64_t(pitch)}));
  std::vector<float> sound(samples);
  double before = 0, allpass_in = 0, allpass_out = 0;
  for (std::size_t i = 0, at = 0; i < samples; ++i, at = at + 1 == whole ? 0 : at + 1) {
    const double out = line[at];
    sound[i] = static_cast<float>(out);
    const double averaged = loss * (out + before) / 2;
    before = out;
    allpass_out = c * averaged + allpass_in - c * allpass_out;
    allpass_in = averaged;
    line[at] = allpass_out;
  }
  soften_ends(sound, rate);
  return sound;
}

std::vector<float> synthesize(const Melody& melody, unsigned rate) {
  const double samples_of_tick = 60.0 / melody.tempo / ticks_of_quarter * rate;
  const auto place = [&](std::uint64_t ticks) { return static_cast<std::size_t>(double(ticks) * samples_of_tick); };
  constexpr double ring = 0.1;  // seconds that a string goes on after its time
  const std::uint64_t length = length_of(melody);
  std::vector<float> sound(place(length) + std::size_t(ring * rate) + rate / 4);
  std::uint64_t seed = 0;
  const auto add = [&](int pitch, std::uint64_t begin, std::uint64_t end, float loudness) {
    const std::size_t first = place(begin);
    const std::vector<float> note = pluck(pitch, place(end) - first + std::size_t(ring * rate), ++seed, rate);
    for (std::size_t i = 0; i < note.size(); ++i) sound[first + i] += loudness * note[i];
  };
  std::uint64_t now = 0;
  for (const Event& event : melody.events) {
    if (event.pitch != rest) add(event.pitch, now, now + event.duration, 1);
    now += event.duration;
  }
  for (std::size_t i = 0; i < melody.chords.size(); ++i) {
    const Chord& chord = melody.chords[i];
    const std::uint64_t end =
        std::min<std::uint64_t>(length, i + 1 < melody.chords.size() ? melody.chords[i + 1].at : length);
    if (chord.at >= end) continue;
    for (const int interval : intervals_of(chord.kind)) add(48 + chord.root + interval, chord.at, end, 0.25f);
  }
  float largest = 0;
  for (const float sample : sound) largest = std::max(largest, std::abs(sample));
  if (largest > 0) {
    for (float& sample : sound) sample *= 0.9f / largest;
  }
  return sound;
}

}  // namespace rnn
