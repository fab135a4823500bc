#include <boost/random/mersenne_twister.hpp>
#include <boost/random/taus88.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

import rnn.autodiff.gradient_check;
import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.random;
import rnn.linalg.matrix;
import rnn.network.initializers;
import rnn.network.layers;

using namespace rnn;

static Matrix random(Index rows, Index columns) {
  static Engine engine(1);
  Matrix m(rows, columns);
  random_normal(m, engine);
  return m;
}

static Matrix ones(Index rows, Index columns) { return Matrix(rows, columns, Real(1)); }

BOOST_AUTO_TEST_CASE(a_dense_layer_is_a_product_and_a_bias) {
  Matrix w(2, 2), x(1, 2), b(1, 2);
  x(0, 0) = 1, x(0, 1) = 2;
  w(0, 0) = 1, w(0, 1) = 2, w(1, 0) = 3, w(1, 1) = 4;
  b(0, 0) = 10, b(0, 1) = 20;
  Tape tape;
  const ConstView y = dense(tape.variable(x), tape.variable(w), tape.variable(b)).value();
  BOOST_TEST(y(0, 0) == Real(17));
  BOOST_TEST(y(0, 1) == Real(30));
}

BOOST_AUTO_TEST_CASE(the_gradients_of_a_dense_layer_and_of_dropout_are_right) {
  if (sizeof(Real) == 4) return;
  for (const Index batch : {0, 1, 5}) {
    const Matrix x = random(batch, 4), w = random(4, 3), b = random(1, 3);
    const auto errors = check_gradients({{"x", x}, {"w", w}, {"b", b}}, [](Tape&, std::span<const Var> v) {
      const Var y = dense(dropout(v[0], Real(0.5), 7), v[1], v[2]);
      return sum(multiply(y, dropout(y, Real(0.8), 8)));
    });
    BOOST_TEST(largest_relative_error(errors) <= 1e-6);
  }
}

BOOST_AUTO_TEST_CASE(dropout_keeps_as_many_as_it_says_and_keeps_their_mean) {
  const Matrix x = ones(300, 400);
  for (const double keep : {0.1, 0.5, 0.9}) {
    Tape tape;
    const ConstView y = dropout(tape.variable(x), Real(keep), 42).value();
    Index kept = 0;
    for (Index k = 0; k < y.size(); ++k) {
      if (y.data[k] == 0) continue;
      ++kept;
      BOOST_REQUIRE(y.data[k] == Real(1) / Real(keep));
    }
    const double deviation = std::sqrt(keep * (1 - keep) * double(y.size()));
    BOOST_TEST(std::abs(double(kept) - keep * double(y.size())) <= 4 * deviation);
  }
}

BOOST_AUTO_TEST_CASE(a_mask_is_decided_by_the_seed_alone) {
  const Matrix x = ones(20, 30), other = random(20, 30);
  Tape tape;
  const auto mask = [&](const Matrix& values, std::uint64_t seed) {
    const ConstView y = dropout(tape.variable(values), Real(0.5), seed).value();
    std::vector<bool> kept;
    for (Index k = 0; k < y.size(); ++k) kept.push_back(y.data[k] != 0);
    return kept;
  };
  BOOST_TEST((mask(x, 1) == mask(x, 1)));
  BOOST_TEST((mask(x, 1) == mask(other, 1)));
  BOOST_TEST((mask(x, 1) != mask(x, 2)));
  BOOST_TEST((mask(x, 1) != mask(x, std::uint64_t(1) << 32)));
}

// Runs with dropout are to be repeatable by later versions of the course, so the masks themselves are recorded.
BOOST_AUTO_TEST_CASE(masks_are_those_that_were_recorded) {
  const Matrix x = ones(2, 20);
  const auto mask = [&](double keep, std::uint64_t seed) {
    Tape tape;
    const ConstView y = dropout(tape.variable(x), Real(keep), seed).value();
    std::string kept;
    for (Index k = 0; k < y.size(); ++k) kept += y.data[k] != 0 ? '1' : '0';
    return kept;
  };
  BOOST_TEST(mask(0.5, 1) == "0110110000011001011011010111011100011010");
  BOOST_TEST(mask(0.5, std::uint64_t(1) << 40) == "1010001001100011000100101111100101001001");
  BOOST_TEST(mask(0.8, 2) == "1100111111111011111110111100111111111111");
}

BOOST_AUTO_TEST_CASE(of_all_random_numbers_just_so_many_keep) {
  // The first number that is not below keep · 2^32 is this one itself.
  const Matrix one = ones(1, 1);
  int tried = 0;
  for (std::uint64_t seed = 0; tried < 3; ++seed) {
    const double first = seeded<boost::random::taus88>(seed)();
    const Real keep = Real(first / 4294967296.0);
    if (double(keep) * 4294967296.0 != first) continue;  // in float, most are rounded
    Tape tape;
    BOOST_TEST(dropout(tape.variable(one), keep, seed).value()(0, 0) == Real(0));
    ++tried;
  }
}

BOOST_AUTO_TEST_CASE(every_step_of_every_example_has_a_mask_of_its_own) {
  Sequence x(6, 4, 50);
  fill(x.rows(), Real(1));
  Tape tape;
  const SequenceVar y = dropout(tape.variable(x), Real(0.5), 3);
  BOOST_TEST(y.steps == 6u);
  BOOST_TEST(y.batch == 4u);
  const ConstView rows = y.rows.value();
  for (Index a = 0; a < rows.rows; ++a) {
    for (Index b = 0; b < a; ++b) {
      BOOST_TEST(std::memcmp(rows.rows_from(a, 1).data, rows.rows_from(b, 1).data, 50 * sizeof(Real)) != 0);
    }
  }
}

BOOST_AUTO_TEST_CASE(keeping_everything_is_no_operation) {
  const Matrix x = ones(2, 2);
  Tape tape;
  const Var v = tape.variable(x);
  BOOST_TEST(dropout(v, Real(1), 1).index() == v.index());
  BOOST_TEST(tape.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_probability_that_is_none_is_refused) {
  const Matrix x = ones(2, 2);
  Tape tape;
  for (const Real keep : {Real(0), Real(-0.5), Real(1.5), std::numeric_limits<Real>::quiet_NaN()}) {
    BOOST_CHECK_THROW(dropout(tape.variable(x), keep, 1), std::invalid_argument);
  }
  BOOST_CHECK_EXCEPTION(dropout(tape.variable(x), Real(1.5), 1), std::invalid_argument,
                        [](const std::invalid_argument& error) {
                          return error.what() == std::string("dropout: keep must be above 0 and at most 1, got 1.5");
                        });
}
