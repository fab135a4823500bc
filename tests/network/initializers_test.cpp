#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

import rnn.linalg.matrix;
import rnn.network.initializers;

using namespace rnn;

BOOST_AUTO_TEST_CASE(normal_numbers_have_the_mean_zero_and_the_deviation_that_is_asked_for) {
  Engine engine(1);
  Matrix w(200, 300);
  random_normal(w, engine, 0.1);
  double sum = 0, squares = 0, fourth = 0;
  for (const double x : w.data()) {
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
  }
  const double count = 60000, deviation = std::sqrt(squares / count);
  BOOST_TEST(std::abs(sum / count) <= 4 * 0.1 / std::sqrt(count));
  BOOST_TEST(std::abs(deviation - 0.1) <= 4 * 0.1 / std::sqrt(2 * count));
  BOOST_TEST(std::abs(fourth / count / (0.1 * 0.1 * 0.1 * 0.1) - 3) <= 0.1);  // a normal curve's, not a box's 1.8
}

BOOST_AUTO_TEST_CASE(glorots_numbers_fill_the_box_up_to_its_limit) {
  Engine engine(1);
  Matrix w(128, 100);
  glorot_uniform(w, engine, 128, 100);
  const double limit = std::sqrt(6.0 / 228);
  const auto [least, most] = std::minmax_element(w.data().begin(), w.data().end());
  BOOST_TEST(*most <= Real(float(limit)));
  BOOST_TEST(*least >= -Real(float(limit)));
  BOOST_TEST(*most >= 0.999 * limit);
  BOOST_TEST(*least <= -0.999 * limit);
  double squares = 0;
  Index tenths[10] = {};
  for (const double x : w.data()) {
    squares += x * x;
    ++tenths[std::min<Index>(9, Index((x / limit + 1) * 5))];
  }
  BOOST_TEST(squares / 12800 == limit * limit / 3, boost::test_tools::tolerance(0.03));
  for (const Index tenth : tenths) BOOST_TEST(std::abs(double(tenth) - 1280) <= 4 * std::sqrt(1280 * 0.9));
}

static double largest_difference_from_identity(ConstView w, double gain) {  // of wᵀ·w / gain²
  double largest = 0;
  for (Index a = 0; a < w.columns; ++a) {
    for (Index b = 0; b < w.columns; ++b) {
      double product = 0;
      for (Index i = 0; i < w.rows; ++i) product += double(w(i, a)) * double(w(i, b));
      largest = std::max(largest, std::abs(product / (gain * gain) - (a == b)));
    }
  }
  return largest;
}

BOOST_AUTO_TEST_CASE(an_orthogonal_matrix_is_orthogonal) {
  Engine engine(1);
  for (const Index n : {1, 2, 5, 60}) {
    Matrix square(n, n), tall(n + 3, n), wide(n, n + 3);
    orthogonal(square, engine);
    orthogonal(tall, engine);
    orthogonal(wide, engine, 2);
    BOOST_TEST(largest_difference_from_identity(square, 1) <= 1e-6);
    BOOST_TEST(largest_difference_from_identity(transposed(square), 1) <= 1e-6);
    BOOST_TEST(largest_difference_from_identity(tall, 1) <= 1e-6);
    BOOST_TEST(largest_difference_from_identity(transposed(wide), 2) <= 1e-6);
  }
  Matrix none(0, 0);
  orthogonal(none, engine);
}

BOOST_AUTO_TEST_CASE(zeros_are_zeros) {
  Matrix w(3, 4, Real(1));
  zeros(w);
  for (const Real x : w.data()) BOOST_TEST(x == Real(0));
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_numbers_and_another_seed_others) {
  const auto draw = [](unsigned seed, auto initialize) {
    Engine engine(seed);
    Matrix w(7, 5);
    initialize(w, engine);
    return std::vector<Real>(w.data().begin(), w.data().end());
  };
  const auto normal = [](View w, Engine& e) { random_normal(w, e); };
  const auto glorot = [](View w, Engine& e) { glorot_uniform(w, e, 7, 5); };
  const auto turned = [](View w, Engine& e) { orthogonal(w, e); };
  BOOST_TEST((draw(1, normal) == draw(1, normal)));
  BOOST_TEST((draw(1, glorot) == draw(1, glorot)));
  BOOST_TEST((draw(1, turned) == draw(1, turned)));
  BOOST_TEST((draw(1, normal) != draw(2, normal)));
  BOOST_TEST((draw(1, glorot) != draw(2, glorot)));
  BOOST_TEST((draw(1, turned) != draw(2, turned)));
}

// This file is built in float and in double: both must find the same numbers here.
BOOST_AUTO_TEST_CASE(both_builds_start_from_the_same_weights) {
  Engine engine(1);
  Matrix w(3, 4);
  const auto sum = [&] {  // exact in double: the numbers are floats
    double total = 0;
    for (const double x : w.data()) {
      BOOST_TEST(x == double(float(x)));
      total = 1.1 * total + x;
    }
    return total;
  };
  random_normal(w, engine, 0.1);
  BOOST_TEST(sum() == 0.77080638134698098, boost::test_tools::tolerance(1e-14));
  glorot_uniform(w, engine, 3, 4);
  BOOST_TEST(sum() == -0.62667567558816062, boost::test_tools::tolerance(1e-14));
  orthogonal(w, engine, 0.7);
  BOOST_TEST(sum() == 3.0425644921223545, boost::test_tools::tolerance(1e-14));
}
