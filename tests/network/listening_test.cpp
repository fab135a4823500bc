#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

import rnn.data.event_vocabulary;
import rnn.linalg.matrix;
import rnn.network.initializers;
import rnn.network.listening;
import rnn.network.melody_network;
import rnn.network.parameters;

using namespace rnn;

namespace {

MelodyNetwork network() {
  MelodyNetwork result({.pitches = 5, .durations = 5, .places = 3, .hidden = 6, .embedding = 4, .cell = "gru"});
  Engine engine(3);
  result.initialize(engine);
  return result;
}

const EncodedMelody tune{.pitch = {1, 2, 3, 2, 4, 0}, .duration = {1, 2, 3, 1, 4, 0}, .place = {0, 1, 2, 0, 1, 2}};

/// log P of event t, by the network that is asked step by step.
double log_probability(const MelodyNetwork& network, Index t) {
  MelodyState state(network);
  state.hear(0, 0, tune.place[0]);
  for (Index i = 1; i <= t; ++i) state.hear(tune.pitch[i - 1], tune.duration[i - 1], tune.place[i]);
  const auto log_softmax = [](ConstView logits, Index which) {
    double sum = 0;
    for (Index j = 0; j < logits.columns; ++j) sum += std::exp(double(logits(0, j)));
    return double(logits(0, which)) - std::log(sum);
  };
  const double of_pitch = log_softmax(state.pitch_logits(), tune.pitch[t]);
  if (tune.pitch[t] == EventVocabulary::end_of_tune) return of_pitch;
  return of_pitch + log_softmax(state.duration_logits().rows_from(tune.pitch[t], 1), tune.duration[t]);
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_states_are_those_of_hearing_event_by_event) {
  const MelodyNetwork listener = network();
  const Matrix states = states_of(listener, tune);
  BOOST_TEST_REQUIRE(states.size1() == 6u);
  MelodyState state(listener);
  for (Index t = 0; t < 6; ++t) {
    state.hear(t > 0 ? tune.pitch[t - 1] : 0, t > 0 ? tune.duration[t - 1] : 0, tune.place[t]);
    for (Index j = 0; j < 6; ++j) BOOST_TEST(std::abs(states(t, j) - state.state()(0, j)) < 1e-6);
  }
}

BOOST_AUTO_TEST_CASE(influence_is_the_norm_of_differences) {
  if (sizeof(Real) == 4) return;
  // What event t − 1 − k was: of the events before t only it has this number as its pitch, and as its duration, so that
  // a change of these rows of the embeddings is a change of what it was. The duration's head is not asked for this
  // pitch.
  struct Cause {
    Index t, k, number;
  };
  MelodyNetwork listener = network();
  const Matrix norms = influence_of(listener, tune, 6, 4);
  for (const auto& [t, k, number] : {Cause{2, 1, 1}, Cause{5, 0, 4}}) {
    double squares = 0;
    for (const char* name : {"pitch_embedding", "duration_embedding"}) {
      const View row = listener.parameters[name].rows_from(number, 1);
      for (Index j = 0; j < row.columns; ++j) {
        const Real step = Real(1e-5), before = row(0, j);
        row(0, j) = before + step;
        const double above = log_probability(listener, t);
        row(0, j) = before - step;
        const double below = log_probability(listener, t);
        row(0, j) = before;
        squares += std::pow((above - below) / (2 * double(step)), 2);
      }
    }
    BOOST_TEST(double(norms(t, k)) == std::sqrt(squares), boost::test_tools::tolerance(1e-6));
  }
}

BOOST_AUTO_TEST_CASE(nothing_depends_on_events_that_were_not_there) {
  const Matrix norms = influence_of(network(), tune, 99, 4);
  BOOST_TEST_REQUIRE(norms.size1() == 6u);
  for (Index t = 0; t < 6; ++t) {
    for (Index k = 0; k < 4; ++k) BOOST_TEST((norms(t, k) > 0) == (k < t), "event " << t << ", " << k);
  }
}

BOOST_AUTO_TEST_CASE(a_group_explains_what_it_decides) {
  Matrix values(6, 3);
  const std::vector<Index> group = {7, 7, 2, 2, 5, 5};
  const Real decided[] = {1, 1, 2, 2, 4, 4}, not_at_all[] = {1, -1, 1, -1, 1, -1};
  for (Index i = 0; i < 6; ++i) {
    values(i, 0) = decided[i];
    values(i, 1) = not_at_all[i];
    values(i, 2) = 3;  // it does not vary
  }
  const std::vector<double> parts = explained_by(values, group);
  BOOST_TEST(std::abs(parts[0] - 1) < 1e-12);
  BOOST_TEST(std::abs(parts[1]) < 1e-12);
  BOOST_TEST(parts[2] == 0);
}

BOOST_AUTO_TEST_CASE(what_a_group_explains_is_its_part_of_the_variance) {
  const std::vector<Index> group = {4, 9, 9, 1, 1, 1};
  const std::vector<double> numbers = {-6, 1, 3, -2, 0, -1};
  Matrix values(6, 1);
  for (Index i = 0; i < 6; ++i) values(i, 0) = Real(numbers[i]);
  const double mean = -5.0 / 6;
  double all = 0;
  for (const double number : numbers) all += std::pow(number - mean, 2);
  const double between = std::pow(-6 - mean, 2) + 2 * std::pow(2 - mean, 2) + 3 * std::pow(-1 - mean, 2);
  const std::vector<double> parts = explained_by(values, group);
  BOOST_TEST_REQUIRE(parts.size() == 1u);
  BOOST_TEST(parts[0] == between / all, boost::test_tools::tolerance(1e-12));
}
