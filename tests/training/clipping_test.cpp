#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

import rnn.linalg.matrix;
import rnn.training.clipping;

using namespace rnn;

BOOST_AUTO_TEST_CASE(too_long_a_gradient_is_shortened_and_keeps_its_direction) {
  Matrix gradients(1, 2);
  gradients(0, 0) = 3, gradients(0, 1) = -4;
  BOOST_TEST(clip_by_global_norm(gradients, Real(0.5)) == Real(5));
  BOOST_TEST(gradients(0, 0) == Real(0.3), boost::test_tools::tolerance(Real(1e-6)));
  BOOST_TEST(gradients(0, 1) == Real(-0.4), boost::test_tools::tolerance(Real(1e-6)));
}

BOOST_AUTO_TEST_CASE(a_gradient_within_the_bound_stays_bit_for_bit) {
  Matrix gradients(1, 2);
  gradients(0, 0) = 3, gradients(0, 1) = -4;
  for (const Real bound : {Real(5), Real(100), std::numeric_limits<Real>::infinity()}) {
    BOOST_TEST(clip_by_global_norm(gradients, bound) == Real(5));
    BOOST_TEST(gradients(0, 0) == Real(3));
    BOOST_TEST(gradients(0, 1) == Real(-4));
  }
  Matrix zero(2, 3, Real(0)), none(1, 0);
  BOOST_TEST(clip_by_global_norm(zero, 1) == Real(0));
  BOOST_TEST(clip_by_global_norm(none, 1) == Real(0));
}

BOOST_AUTO_TEST_CASE(the_squares_of_large_gradients_do_not_overflow) {
  Matrix gradients(1, 100, Real(1e30));
  BOOST_TEST(clip_by_global_norm(gradients, 1) == Real(1e31), boost::test_tools::tolerance(Real(1e-6)));
  BOOST_TEST(global_norm(gradients) == Real(1), boost::test_tools::tolerance(Real(1e-5)));
}

BOOST_AUTO_TEST_CASE(a_norm_that_is_not_finite_is_returned_and_nothing_changed) {
  for (const Real broken : {std::numeric_limits<Real>::quiet_NaN(), std::numeric_limits<Real>::infinity()}) {
    Matrix gradients(1, 2, Real(3));
    gradients(0, 1) = broken;
    BOOST_TEST(!std::isfinite(clip_by_global_norm(gradients, 1)));
    BOOST_TEST(gradients(0, 0) == Real(3));
  }
}

BOOST_AUTO_TEST_CASE(a_bound_that_is_none_is_refused) {
  Matrix gradients(1, 2, Real(3));
  for (const Real bound : {Real(0), Real(-1), std::numeric_limits<Real>::quiet_NaN()}) {
    BOOST_CHECK_THROW(clip_by_global_norm(gradients, bound), std::invalid_argument);
  }
  BOOST_CHECK_EXCEPTION(clip_by_global_norm(gradients, -1), std::invalid_argument, [](const auto& error) {
    return error.what() == std::string("clip_by_global_norm: max_norm must be above 0, got -1");
  });
}
