#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <vector>

import rnn.data.composer;
import rnn.data.melody;
import rnn.formats.synthesizer;

using namespace rnn;

namespace {

/// The part of a sound at a frequency, under a Hann window of `size` samples from `first` on.
std::complex<double> part(const std::vector<float>& sound, std::size_t first, std::size_t size, double frequency) {
  std::complex<double> sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const double window = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * double(i) / double(size));
    sum += window * double(sound[first + i]) *
           std::polar(1.0, -2 * std::numbers::pi * frequency * double(first + i) / sample_rate);
  }
  return sum;
}

/// By how many cents (hundredths of a semitone) a sound is higher than a frequency it nearly has: the phase of its part
/// at that frequency turns by the difference.
double cents_above(const std::vector<float>& sound, double frequency) {
  const std::size_t size = sound.size() / 3, apart = 400;
  double turned = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::size_t first = sample_rate / 20 + i * apart;
    turned += std::arg(part(sound, first + apart, size, frequency) / part(sound, first, size, frequency));
  }
  const double difference = turned / 8 / (2 * std::numbers::pi) * sample_rate / double(apart);
  return 1200 * std::log2(1 + difference / frequency);
}

double largest(const std::vector<float>& sound) {
  double most = 0;
  for (const float sample : sound) most = std::max(most, std::abs(double(sample)));
  return most;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a4_is_440_hertz_and_an_octave_doubles) {
  BOOST_TEST(frequency_of(69) == 440);
  BOOST_TEST(frequency_of(81) == 880);
  BOOST_TEST(frequency_of(60) == 261.6256, boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(every_string_is_in_tune_within_a_cent) {
  for (int pitch = 40; pitch <= 96; ++pitch) {
    const double cents = cents_above(pluck(pitch, sample_rate), frequency_of(pitch));
    BOOST_TEST(std::abs(cents) < 1, pitch_name(pitch) << " is off by " << cents << " cents");
  }
}

BOOST_AUTO_TEST_CASE(a_string_that_is_out_of_tune_would_be_noticed) {
  BOOST_TEST(std::abs(cents_above(pluck(69, sample_rate), frequency_of(69) * std::exp2(3 / 1200.0)) + 3) < 0.5);
}

BOOST_AUTO_TEST_CASE(a_string_decays) {
  const std::vector<float> sound = pluck(60, 2 * sample_rate);
  const auto loudness = [&](std::size_t first) { return std::abs(part(sound, first, 8192, frequency_of(60))); };
  BOOST_TEST(loudness(60000) < loudness(4000) / 3);
  BOOST_TEST(loudness(60000) > 0);
}

BOOST_AUTO_TEST_CASE(a_tune_neither_clips_nor_hums) {
  for (const auto& [melody, bits] : compose_many(1, 0, 3)) {
    const std::vector<float> sound = synthesize(melody);
    BOOST_TEST(std::abs(largest(sound) - 0.9) < 1e-3);
    BOOST_TEST(std::abs(sound.front()) < 1e-3);
    BOOST_TEST(std::abs(sound.back()) < 1e-3);
    double mean = 0;
    for (const float sample : sound) mean += sample;
    BOOST_TEST(std::abs(mean / double(sound.size())) < 1e-3);
    const double seconds = double(length_of(melody)) / ticks_of_quarter * 60 / melody.tempo;
    BOOST_TEST(std::abs(double(sound.size()) / sample_rate - seconds) < 0.5);
  }
}

BOOST_AUTO_TEST_CASE(a_note_begins_and_ends_without_a_click) {
  for (int pitch = 40; pitch <= 96; ++pitch) {
    const std::vector<float> sound = pluck(pitch, sample_rate / 4);
    // Within 0.2 ms of its beginning, and within 2 ms of its end, where a click would be.
    for (std::size_t i = 0; i < 9; ++i) BOOST_TEST_REQUIRE(std::abs(sound[i]) < 0.15);
    for (std::size_t i = 1; i < 88; ++i) BOOST_TEST_REQUIRE(std::abs(sound[sound.size() - i]) < 0.02);
  }
}

BOOST_AUTO_TEST_CASE(silence_is_a_sound_too) {
  Melody melody;
  BOOST_TEST(largest(synthesize(melody)) == 0);
  melody.events = {{rest, ticks_of_whole}, {60, 1}, {127, 1}, {0, 1}};
  BOOST_TEST(largest(synthesize(melody)) <= 0.9001);
}

BOOST_AUTO_TEST_CASE(the_same_melody_is_the_same_sound) {
  const Melody melody = compose(2, 2).melody;
  BOOST_TEST((synthesize(melody) == synthesize(melody)));
}
