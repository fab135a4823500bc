#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_real_distribution.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <vector>

import rnn.base.random;
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

// y[n] = c·x[n] + x[n−1] − c·y[n−1], where x is the average of two samples, a little quieter, and y what comes out one
// time around the line later: c is found by least squares.
BOOST_AUTO_TEST_CASE(the_line_the_average_and_the_allpass_together_delay_a_tone_by_its_period) {
  for (const int pitch : {48, 69, 84, 96, 108}) {
    const std::vector<float> sound = pluck(pitch, 20000);
    const double frequency = frequency_of(pitch), period = sample_rate / frequency;
    const auto whole = static_cast<std::size_t>(period - 0.8);
    const double loss = std::pow(10, -1 / frequency);
    const auto x = [&](std::size_t n) { return loss * (double(sound[n]) + sound[n - 1]) / 2; };
    double products = 0, squares = 0;
    for (std::size_t n = 1000; n < 4000; ++n) {
      const double factor = sound[n + whole - 1] - x(n);
      products += (x(n - 1) - sound[n + whole]) * factor;
      squares += factor * factor;
    }
    const double c = products / squares, angular = 2 * std::numbers::pi / period;
    const std::complex<double> delayed = std::polar(1.0, -angular), response = (c + delayed) / (1.0 + c * delayed);
    BOOST_TEST(std::abs(double(whole) + 0.5 - std::arg(response) / angular - period) < 1e-6, pitch);
  }
}

BOOST_AUTO_TEST_CASE(a_string_loses_60_decibels_in_three_seconds_besides_what_averaging_takes) {
  for (const int pitch : {45, 60, 76}) {
    const double frequency = frequency_of(pitch), seconds = 0.5;
    const std::vector<float> sound = pluck(pitch, 3 * sample_rate / 2);
    const auto loudness = [&](std::size_t first) { return std::abs(part(sound, first, 8192, frequency)); };
    const double averaging = std::pow(std::cos(std::numbers::pi * frequency / sample_rate), frequency * seconds);
    BOOST_TEST(loudness(8000 + sample_rate / 2) / loudness(8000) == std::pow(10, -3 * seconds / 3) * averaging,
               boost::test_tools::tolerance(0.01));
  }
}

BOOST_AUTO_TEST_CASE(a_string_begins_as_noise_that_was_averaged_eight_times_around_it) {
  // At 499 samples a second nothing is softened at the beginning. Averaging n times is a sum with binomial
  // coefficients.
  const std::vector<float> sound = pluck(0, 200, 7, 499);
  const std::size_t size = 60;  // the period is 61 samples: 0.5 are the average's, and 0.3 to 1.3 the allpass's
  boost::random::mt19937 engine = seeded(combine_seeds({7, 0}));
  const boost::random::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<double> noise(size), expected(size, 0);
  for (double& sample : noise) sample = uniform(engine);
  constexpr double coefficients[] = {1, 8, 28, 56, 70, 56, 28, 8, 1};
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t k = 0; k <= 8; ++k) expected[i] += coefficients[k] * noise[(i + size - k) % size];
  }
  const double mean = std::accumulate(expected.begin(), expected.end(), 0.0) / double(size);
  double most = 0;
  for (double& sample : expected) sample -= mean, most = std::max(most, std::abs(sample));
  for (std::size_t i = 0; i < size; ++i) BOOST_TEST(std::abs(sound[i] - expected[i] / most) < 1e-6);

  // Before it there was silence: y[0] = c·x[0], and y[1] = c·x[1] + x[0] − c·y[0].
  const double loss = std::pow(10, -1 / frequency_of(0));
  const double x0 = loss * sound[0] / 2, x1 = loss * (double(sound[1]) + sound[0]) / 2, y0 = sound[size], c = y0 / x0;
  BOOST_TEST(std::abs(sound[size + 1] - (c * x1 + x0 - c * y0)) < 1e-5);
}

// Half a cosine over 2 ms, or a quarter of the sound, at its beginning; over 50 ms, or half of it, at its end.
BOOST_AUTO_TEST_CASE(a_sound_grows_and_fades_like_a_cosine) {
  const auto fade = [](std::size_t i, std::size_t size) {
    return 0.5 - 0.5 * std::cos(std::numbers::pi * double(i) / double(size));
  };
  const std::vector<float> whole = pluck(60, 40000), shorter = pluck(60, 20000), shortest = pluck(60, 80);
  BOOST_TEST((shortest == pluck(60, 80, 1)));
  for (std::size_t i = 0; i < 20000 - 2205; ++i) BOOST_TEST_REQUIRE(shorter[i] == whole[i]);
  for (std::size_t i = 0; i < 2205; ++i) {
    BOOST_TEST_REQUIRE(std::abs(shorter[19999 - i] - whole[19999 - i] * fade(i, 2205)) < 1e-6);
  }
  for (std::size_t i = 0; i < 20; ++i) {
    BOOST_TEST_REQUIRE(std::abs(shortest[i] * fade(i, 88) - whole[i] * fade(i, 20)) < 1e-6);
  }
  for (std::size_t i = 0; i < 40; ++i) {
    const double growing = 79 - i < 88 ? fade(79 - i, 88) : 1;
    BOOST_TEST_REQUIRE(std::abs(shortest[79 - i] * growing - whole[79 - i] * fade(i, 40)) < 1e-6);
  }
}

BOOST_AUTO_TEST_CASE(a_tune_is_the_sum_of_its_strings_and_its_loudest_sample_is_0_9) {
  constexpr unsigned rate = 8000;
  constexpr Ticks quarter = ticks_of_quarter;
  Melody melody;
  melody.tempo = 75;  // 6400 samples a quarter note
  melody.events = {{60, quarter}, {rest, quarter / 2}, {64, quarter / 2}};
  melody.chords = {{0, 0, Chord::Kind::major},
                   {quarter, 9, Chord::Kind::minor},
                   {quarter, 7, Chord::Kind::minor_seventh},
                   {quarter * 3 / 2, 4, Chord::Kind::diminished},
                   {quarter * 7 / 4, 5}};
  melody.chords.pop_back();                                  // what may still be behind the last one counts for nothing
  std::vector<float> expected(2 * 6400 + 800 + 2000, 0.0f);  // a string rings for 0.1 s more; 0.25 s are silent
  std::uint64_t seed = 0;
  const auto add = [&](int pitch, std::size_t first, std::size_t size, float loudness) {
    const std::vector<float> note = pluck(pitch, size + 800, ++seed, rate);
    for (std::size_t i = 0; i < note.size(); ++i) expected[first + i] += loudness * note[i];
  };
  add(60, 0, 6400, 1);
  add(64, 9600, 3200, 1);
  for (const int pitch : {48, 52, 55}) add(pitch, 0, 6400, 0.25f);
  for (const int interval : intervals_of(Chord::Kind::minor_seventh)) add(48 + 7 + interval, 6400, 3200, 0.25f);
  for (const int pitch : {52, 55, 58}) add(pitch, 9600, 3200, 0.25f);
  const double most = largest(expected);
  const std::vector<float> sound = synthesize(melody, rate);
  BOOST_TEST_REQUIRE(sound.size() == expected.size());
  for (std::size_t i = 0; i < sound.size(); ++i) {
    BOOST_TEST_REQUIRE(std::abs(double(sound[i]) - 0.9 / most * expected[i]) < 1e-6);
  }
  melody.chords.push_back({2 * quarter, 5});
  BOOST_TEST((synthesize(melody, rate) == sound));
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
  BOOST_TEST((synthesize(melody) == std::vector<float>(sample_rate / 10 + sample_rate / 4, 0.0f)));
  melody.events = {{rest, ticks_of_whole}, {60, 1}, {127, 1}, {0, 1}};
  BOOST_TEST(std::abs(largest(synthesize(melody)) - 0.9) < 1e-6);
}

BOOST_AUTO_TEST_CASE(a_string_of_two_samples_or_one_is_silent) {
  BOOST_TEST(pluck(126, 100) == std::vector<float>(100, 0.0f));
  BOOST_TEST(pluck(127, 100) == std::vector<float>(100, 0.0f));
  BOOST_TEST(pluck(69, 100, 1, 1000) == std::vector<float>(100, 0.0f));
  BOOST_TEST(largest(pluck(125, 100)) > 0);
}

BOOST_AUTO_TEST_CASE(a_tune_of_one_soft_string_is_made_as_loud_as_any_from_its_first_sample_on) {
  Melody melody;
  melody.events = {{108, ticks_of_quarter}};
  const std::vector<float> soft = pluck(108, 22050 + 4410);
  const double most = largest(soft);
  BOOST_TEST(most < 0.8);
  const std::vector<float> loud = synthesize(melody);
  for (std::size_t i = 0; i < soft.size(); ++i) {
    BOOST_TEST_REQUIRE(std::abs(loud[i] - 0.9 / most * soft[i]) < 1e-6);
  }
  // At 499 samples a second nothing is softened at the beginning.
  melody.events = {{12, ticks_of_quarter}};
  const std::vector<float> sound = synthesize(melody, 499), string = pluck(12, 200, 1, 499);
  BOOST_TEST(std::abs(string[0]) > 0.01);
  BOOST_TEST(std::abs(sound[0] / sound[1] - string[0] / string[1]) < 1e-4);
}

BOOST_AUTO_TEST_CASE(a_sound_may_have_one_sample_or_none) {
  BOOST_TEST(pluck(60, 0).empty());
  BOOST_TEST(std::abs(pluck(60, 1).at(0)) <= 1);
}

BOOST_AUTO_TEST_CASE(the_same_melody_is_the_same_sound) {
  const Melody melody = compose(2, 2).melody;
  BOOST_TEST((synthesize(melody) == synthesize(melody)));
}
