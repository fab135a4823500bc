#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>
#include <vector>

import rnn.linalg.matrix;
import rnn.network.sampling;

using namespace rnn;

namespace {

Matrix pitches() {
  Matrix logits(1, 3);
  logits(0, 0) = -1, logits(0, 1) = 0.5, logits(0, 2) = 1;
  return logits;
}
Matrix durations() {
  Matrix logits(3, 3, Real(0));
  logits(1, 0) = logits(2, 0) = 5000;  // no duration at all, which only the end has: it does not count
  logits(1, 1) = 1, logits(1, 2) = 2;
  logits(2, 1) = 3, logits(2, 2) = -1;
  return logits;
}

double probability(const std::vector<Candidate>& all, Index pitch, Index duration) {
  for (const Candidate& one : all) {
    if (one.pitch == pitch && one.duration == duration) return one.probability;
  }
  return 0;
}

double sum(const std::vector<Candidate>& all) {
  double total = 0;
  for (const Candidate& one : all) total += one.probability;
  return total;
}

}  // namespace

BOOST_AUTO_TEST_CASE(candidates_are_all_events_with_their_probabilities) {
  const std::vector<Candidate> all = candidates(pitches(), durations(), 1);
  BOOST_TEST(all.size() == 5u);
  BOOST_TEST(std::abs(sum(all) - 1) < 1e-12);
  const double of_pitches = std::exp(-1) + std::exp(0.5) + std::exp(1);
  BOOST_TEST(probability(all, 0, 0) == std::exp(-1) / of_pitches, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(probability(all, 1, 2) == std::exp(0.5) / of_pitches * std::exp(2) / (std::exp(1) + std::exp(2)),
             boost::test_tools::tolerance(1e-6));
  BOOST_TEST(probability(all, 1, 0) == 0);
  for (std::size_t i = 1; i < all.size(); ++i) BOOST_TEST(all[i - 1].probability >= all[i].probability);
}

BOOST_AUTO_TEST_CASE(logits_of_pitches_and_durations_must_fit_together) {
  BOOST_CHECK_THROW(candidates(Matrix(1, 4, Real(0)), durations(), 1), std::invalid_argument);
  BOOST_CHECK_THROW(candidates(Matrix(2, 3, Real(0)), durations(), 1), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(temperature_divides_logits) {
  const auto ratio = [](double temperature) {
    const std::vector<Candidate> all = candidates(pitches(), durations(), temperature);
    return std::log(probability(all, 2, 1) / probability(all, 2, 2));
  };
  BOOST_TEST(ratio(1) == 4, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(ratio(0.5) == 8, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(ratio(4) == 1, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(candidates(pitches(), durations(), 0.001).front().probability > 0.9999);
  BOOST_CHECK_THROW(candidates(pitches(), durations(), 0), std::invalid_argument);
  BOOST_CHECK_THROW(candidates(pitches(), durations(), NAN), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(temperature_takes_a_root_of_the_probabilities_of_whole_events) {
  const std::vector<Candidate> events = {{0, 0, 0.02}, {1, 1, 0.08}, {2, 1, 0.1}};  // not scaled
  const std::vector<Candidate> same = at_temperature(events, 1), colder = at_temperature(events, 0.5);
  BOOST_TEST(same.front().pitch == 2u);
  BOOST_TEST(probability(same, 1, 1) == 0.4, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(probability(colder, 2, 1) / probability(colder, 0, 0) == 25, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(std::abs(sum(colder) - 1) < 1e-12);
  const std::vector<Candidate> two = at_temperature(events, 1, 2);
  BOOST_TEST_REQUIRE(two.size() == 2u);
  BOOST_TEST(two[1].probability == 4.0 / 9, boost::test_tools::tolerance(1e-12));
  const std::vector<Candidate> coldest = at_temperature(events, 1e-4);  // 0.5 to the power of 10,000 is 0
  BOOST_TEST((coldest.front().pitch == 2 && coldest.front().probability == 1));
  BOOST_CHECK_THROW(at_temperature(events, 0), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_most_likely_few_share_all_probability) {
  const std::vector<Candidate> all = candidates(pitches(), durations(), 1),
                               two = candidates(pitches(), durations(), 1, 2);
  BOOST_TEST_REQUIRE(two.size() == 2u);
  BOOST_TEST(std::abs(sum(two) - 1) < 1e-12);
  BOOST_TEST(two[0].probability / two[1].probability == all[0].probability / all[1].probability,
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(candidates(pitches(), durations(), 1, 99).size() == 5u);
  BOOST_TEST(candidates(pitches(), durations(), 1, 1).front().probability == 1);
}

BOOST_AUTO_TEST_CASE(chance_takes_each_with_its_probability) {
  const std::vector<Candidate> all = candidates(pitches(), durations(), 1);
  const int draws = 100000;
  std::vector<int> counts(all.size());
  for (int i = 0; i < draws; ++i) ++counts[&choose(all, (i + 0.5) / draws) - all.data()];
  for (std::size_t i = 0; i < all.size(); ++i) BOOST_TEST(std::abs(counts[i] - draws * all[i].probability) < 2);
  const std::vector<Candidate> never = {{1, 1, 0}, {2, 1, 0.5}, {3, 1, 0.5}};
  BOOST_TEST(&choose(never, 0) == &never[1]);
  BOOST_TEST(&choose(never, 0.5) == &never[2]);
  const std::vector<Candidate> rounded = {{1, 1, 0.75}, {2, 1, 0.25 - 1e-9}, {3, 1, 0}};
  BOOST_TEST(&choose(rounded, 1 - 1e-12) == &rounded.front());  // beyond their sum, and not the one that is impossible
}
