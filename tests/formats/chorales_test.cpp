#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

import rnn.base.error;
import rnn.data.melody;
import rnn.formats.chorales;

using namespace rnn;

namespace {

/// So many steps in which the voices sing these pitches.
std::string steps(const std::string& pitches, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += (text.empty() ? "[" : ", [") + pitches + "]";
  return text;
}
std::vector<Melody> read(const std::string& text) { return parse_chorales(text, "F"); }
Melody read_one(const std::string& all_steps) {
  const std::vector<Melody> all = read("{\"train\": [[" + all_steps + "]]}");
  BOOST_TEST_REQUIRE(all.size() == 1u);
  return all[0];
}

void is_refused(const std::string& text, const std::string& problem) {
  BOOST_CHECK_EXCEPTION(read(text), FileError, [&](const FileError& error) {
    BOOST_TEST(std::string(error.what()) == "F: " + problem);
    return true;
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_soprano_is_read_and_repeated_pitches_are_one_note) {
  const Melody tune =
      read_one(steps("72, 60, 55, 48", 8) + ", " + steps("74, 60, 55, 48", 4) + ", " + steps("-1, 60", 4));
  const std::vector<Event> expected = {{72, 2 * ticks_of_quarter, 0},
                                       {74, ticks_of_quarter, 2 * ticks_of_quarter},
                                       {rest, ticks_of_quarter, 3 * ticks_of_quarter}};
  BOOST_TEST((tune.events == expected));
  BOOST_TEST((tune.meter == Meter{4, 4}));
}

BOOST_AUTO_TEST_CASE(what_does_not_fill_a_bar_is_an_upbeat) {
  const Melody tune = read_one(steps("60", 4) + ", " + steps("62", 16));
  BOOST_TEST_REQUIRE(tune.events.size() == 2u);
  BOOST_TEST(tune.events[0].position == 3 * ticks_of_quarter);
  BOOST_TEST(tune.events[1].position == 0u);
}

BOOST_AUTO_TEST_CASE(no_note_is_longer_than_its_bar) {
  const Melody tune = read_one(steps("60", 40));  // half a bar, and two whole ones
  BOOST_TEST_REQUIRE(tune.events.size() == 3u);
  BOOST_TEST(tune.events[0].duration == 2 * ticks_of_quarter);
  BOOST_TEST(tune.events[1].duration == 4 * ticks_of_quarter);
  BOOST_TEST(tune.events[2].duration == 4 * ticks_of_quarter);
}

BOOST_AUTO_TEST_CASE(chorales_of_all_parts_are_read_in_order) {
  const std::vector<Melody> all = read(R"({"test": [[[60]], [[62]]], "train": [[[64]]]})");
  BOOST_TEST_REQUIRE(all.size() == 3u);
  BOOST_TEST(all[2].events[0].pitch == 64);
  BOOST_TEST(all[2].title == "Chorale 3");
}

BOOST_AUTO_TEST_CASE(a_key_is_known_by_its_scale_and_chords_in_every_transposition) {
  // How long the notes of I, IV and V sound, the tonic's chord the longest.
  const std::vector<double> major = {6, 0, 2, 0, 4, 3, 0, 6, 0, 2, 0, 2};
  const std::vector<double> minor = {6, 0, 2, 4, 0, 3, 0, 6, 2, 0, 0, 2};
  const int sharps[] = {0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5};
  for (std::size_t tonic = 0; tonic < 12; ++tonic) {
    std::vector<double> in_major(12), in_minor(12);
    for (std::size_t i = 0; i < 12; ++i) {
      in_major[(tonic + i) % 12] = major[i];
      in_minor[(tonic + i) % 12] = minor[i];
    }
    BOOST_TEST_CONTEXT("tonic " << tonic) {
      BOOST_TEST((key_of(in_major) == Key{sharps[tonic], false}));
      const Key key = key_of(in_minor);
      BOOST_TEST(key.minor);
      BOOST_TEST((key.sharps - sharps[(tonic + 3) % 12]) % 12 == 0);  // as its relative major; six flats are six sharps
    }
  }
}

BOOST_AUTO_TEST_CASE(a_key_is_the_one_whose_profile_correlates_best) {
  // The profiles as published, and the correlation as textbooks define it.
  const std::vector<double> profiles[] = {{6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88},
                                          {6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17}};
  const auto mean = [](const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / 12;
  };
  const auto covariance = [&](const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < 12; ++i) sum += (a[i] - mean(a)) * (b[i] - mean(b));
    return sum;
  };
  boost::random::mt19937 engine(1);
  for (int turn = 0; turn < 300; ++turn) {
    std::vector<double> classes(12);
    for (double& sounds : classes) sounds = engine() % 100;
    double best = -1;
    int tonic_of_major = 0;
    bool is_minor = false;
    for (int tonic = 0; tonic < 12; ++tonic) {
      std::vector<double> turned = classes;
      std::ranges::rotate(turned, turned.begin() + tonic);
      for (const bool minor : {false, true}) {
        const std::vector<double>& profile = profiles[minor];
        const double fit =
            covariance(turned, profile) / std::sqrt(covariance(turned, turned) * covariance(profile, profile));
        if (fit > best) best = fit, tonic_of_major = (tonic + (minor ? 3 : 0)) % 12, is_minor = minor;
      }
    }
    const Key key = key_of(classes);
    BOOST_TEST(key.minor == is_minor);
    BOOST_TEST((key.sharps - 7 * tonic_of_major) % 12 == 0);
    BOOST_TEST((key.sharps >= -6 && key.sharps <= 6));
  }
}

BOOST_AUTO_TEST_CASE(the_key_is_that_of_all_voices_and_rests_are_in_no_key) {
  BOOST_TEST((read_one(steps("74, 69, 66, 62", 8) + ", " + steps("-1, -1, -1, -1", 40)).key == Key{2, false}));
  BOOST_TEST((read_one(steps("-1, -1, -1, -1", 4)).key == Key{0, false}));
}

// Of C major, D major and E major, each pitch class once would be G major.
BOOST_AUTO_TEST_CASE(the_longer_a_pitch_sounds_the_more_it_weighs) {
  const Melody tune =
      read_one(steps("72, 67, 64, 60", 12) + ", " + steps("74, 69, 66, 62", 2) + ", " + steps("64, 64, 68, 71", 2));
  BOOST_TEST((tune.key == Key{0, false}));
  BOOST_TEST((key_of({24, 0, 4, 0, 16, 0, 2, 12, 2, 2, 0, 2}) == Key{0, false}));
  BOOST_TEST((key_of({1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 0, 1}) == Key{1, false}));
}

BOOST_AUTO_TEST_CASE(the_lowest_and_the_highest_pitch_are_pitches) {
  const Melody tune = read_one("[127], [0]");
  BOOST_TEST_REQUIRE(tune.events.size() == 2u);
  BOOST_TEST((tune.events[0].pitch == 127 && tune.events[1].pitch == 0));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_said_with_its_place) {
  is_refused(R"({"train": 7})", "\"train\": expected a list of chorales, found the number 7");
  is_refused(R"({"train": [[[60]], []]})", "\"train\", chorale 2: expected a list of steps, found a list of 0");
  is_refused(R"({"train": [7]})", "\"train\", chorale 1: expected a list of steps, found the number 7");
  is_refused(R"({"train": [[[60], 61]]})",
             "\"train\", chorale 1, step 2: expected a list of pitches, found the number 61");
  is_refused(R"({"train": [[[]]]})", "\"train\", chorale 1, step 1: expected a list of pitches, found a list of 0");
  for (const std::string pitch : {"128", "-2", "60.5", "1e2", "null"}) {
    BOOST_CHECK_THROW(read("{\"train\": [[[" + pitch + "]]]}"), FileError);
  }
  BOOST_CHECK_THROW(read("[[[60]]]"), FileError);
  BOOST_CHECK_THROW(read("{\"train\": [[[60]]]"), FileError);
}
