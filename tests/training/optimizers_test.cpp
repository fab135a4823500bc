#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>
#include <vector>

import rnn.linalg.matrix;
import rnn.training.optimizers;

using namespace rnn;

// That a whole training goes as PyTorch's is the test trainer.

BOOST_AUTO_TEST_CASE(adam_is_its_formula_for_any_number_of_parameters) {
  const AdamOptions options{.learning_rate = Real(0.1), .beta1 = Real(0.8), .beta2 = Real(0.95), .epsilon = Real(0.01)};
  // Less than a vector, just one, and some with a rest.
  for (const Index size : {1, 7, 8, 16, 17, 33}) {
    Adam adam(size, options);
    Matrix w(1, size), g(1, size);
    std::vector<double> expected(size), m(size, 0), v(size, 0);
    for (Index i = 0; i < size; ++i) expected[i] = w(0, i) = Real(i) / 4;
    for (int t = 1; t <= 4; ++t) {
      for (Index i = 0; i < size; ++i) g(0, i) = Real(std::sin(double(i) + 5 * t));
      adam.step(w, g);
      for (Index i = 0; i < size; ++i) {
        m[i] = 0.8 * m[i] + 0.2 * g(0, i);
        v[i] = 0.95 * v[i] + 0.05 * g(0, i) * g(0, i);
        expected[i] -= 0.1 * m[i] / (1 - std::pow(0.8, t)) / (std::sqrt(v[i] / (1 - std::pow(0.95, t))) + 0.01);
        BOOST_TEST(std::abs(w(0, i) - expected[i]) <= 1e-5, size << " parameters, number " << i << ", step " << t);
      }
    }
    BOOST_TEST(adam.steps() == 4u);
  }
}

BOOST_AUTO_TEST_CASE(adam_keeps_its_parameters_apart_from_what_stands_behind_them) {
  Adam adam(3, {});
  Matrix w(1, 5, Real(7)), g(1, 5, Real(1));
  adam.step(View(w).columns_from(0, 3), ConstView(g).columns_from(0, 3));
  BOOST_TEST(w(0, 2) != Real(7));
  BOOST_TEST(w(0, 3) == Real(7));
  BOOST_TEST(w(0, 4) == Real(7));
}

BOOST_AUTO_TEST_CASE(another_number_of_parameters_is_refused) {
  Adam adam(3, {});
  Matrix three(1, 3), four(1, 4);
  BOOST_CHECK_THROW(adam.step(four, three), std::invalid_argument);
  BOOST_CHECK_THROW(adam.step(three, four), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_parameter_has_one_moment_of_each_kind) {
  Adam adam(3, {});
  BOOST_TEST(adam.first_moments().size() == 3u);
  BOOST_TEST(adam.second_moments().size() == 3u);
}
