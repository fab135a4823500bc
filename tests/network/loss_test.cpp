#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "../support/matrices.hpp"

import rnn.autodiff.gradient_check;
import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.matrix;
import rnn.network.initializers;
import rnn.network.loss;

using namespace rnn;
using rnn::testing::says;

static constexpr Real not_a_number = std::numeric_limits<Real>::quiet_NaN();
static constexpr Real infinite = std::numeric_limits<Real>::infinity();

static Matrix matrix(Index rows, Index columns, const std::vector<Real>& numbers) {
  Matrix m(rows, columns);
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j) m(i, j) = numbers[i * columns + j];
  return m;
}

static Matrix random(Index rows, Index columns, double deviation = 1) {
  static Engine engine(1);
  Matrix m(rows, columns);
  random_normal(m, engine, deviation);
  return m;
}

static Real loss_of(const Matrix& logits, const std::vector<Index>& labels, Index examples = 0) {
  Tape tape;
  return softmax_cross_entropy(tape.variable(logits), labels, examples).value()(0, 0);
}

BOOST_AUTO_TEST_CASE(the_loss_is_the_mean_of_minus_the_logarithms_of_the_labels_probabilities) {
  const Matrix logits = random(5, 7, 2);
  const std::vector<Index> labels{0, 6, 3, 3, 1};
  double expected = 0;
  for (Index i = 0; i < 5; ++i) {
    double total = 0;
    for (Index j = 0; j < 7; ++j) total += std::exp(double(logits(i, j)));
    expected -= std::log(std::exp(double(logits(i, labels[i]))) / total) / 5;
  }
  BOOST_TEST(std::abs(loss_of(logits, labels) - expected) <= 1e-6);
  BOOST_TEST(std::abs(loss_of(logits, labels, 20) - expected / 4) <= 1e-6);  // a quarter of a batch of 20
}

BOOST_AUTO_TEST_CASE(classes_that_are_all_alike_cost_the_logarithm_of_their_number) {
  BOOST_TEST(std::abs(loss_of(Matrix(3, 10, Real(4)), {0, 5, 9}) - std::log(10.0)) <= 1e-6);
  BOOST_TEST(loss_of(Matrix(2, 1, Real(4)), {0, 0}) == Real(0));
}

BOOST_AUTO_TEST_CASE(large_logits_do_not_overflow) {
  BOOST_TEST(loss_of(matrix(1, 3, {1000, -1000, 0}), {0}) == Real(0));
  BOOST_TEST(loss_of(matrix(1, 3, {1000, -1000, 0}), {1}) == Real(2000));
  BOOST_TEST(loss_of(matrix(2, 2, {1000, 1000, -1000, -1000}), {0, 1}) == Real(std::log(2.0)),
             boost::test_tools::tolerance(Real(1e-6)));
  const Matrix logits = matrix(1, 3, {1000, -1000, 1000});
  Tape tape;
  const Var v = tape.variable(logits);
  tape.backward(softmax_cross_entropy(v, std::vector<Index>{1}));
  BOOST_TEST(v.gradient()(0, 0) == Real(0.5));
  BOOST_TEST(v.gradient()(0, 1) == Real(-1));
  BOOST_TEST(v.gradient()(0, 2) == Real(0.5));
}

BOOST_AUTO_TEST_CASE(nan_in_the_logits_shows_in_the_loss) {
  for (Index j = 0; j < 3; ++j) {
    Matrix logits = matrix(1, 3, {1, 2, 3});
    logits(0, j) = not_a_number;
    BOOST_TEST(std::isnan(loss_of(logits, {0})));
  }
}

BOOST_AUTO_TEST_CASE(the_gradient_is_what_differences_show) {
  if (sizeof(Real) == 4) return;
  for (const Index batch : {0, 1, 2, 9}) {
    for (const Index classes : {1, 2, 5, 10}) {
      const Matrix logits = random(batch, classes, 2);
      std::vector<Index> labels(batch);
      for (Index i = 0; i < batch; ++i) labels[i] = i % classes;
      for (const Index examples : {0, 20}) {
        const auto errors = check_gradients({{"logits", logits}}, [&](Tape&, std::span<const Var> v) {
          return softmax_cross_entropy(v[0], labels, examples);
        });
        BOOST_TEST(largest_relative_error(errors) <= 1e-6);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(an_empty_batch_costs_nothing) {
  const Matrix logits(0, 10);
  Tape tape;
  const Var v = tape.variable(logits), loss = softmax_cross_entropy(v, {});
  BOOST_TEST(loss.value()(0, 0) == Real(0));
  tape.backward(loss);
  BOOST_TEST(count_in_top_k(logits, {}) == 0u);
  BOOST_TEST(loss_of(logits, {}, 100) == Real(0));
}

BOOST_AUTO_TEST_CASE(a_batch_may_be_large) {
  const Matrix logits(20000, 2, Real(0));
  BOOST_TEST(loss_of(logits, std::vector<Index>(20000, 1)) == Real(std::log(2.0)),
             boost::test_tools::tolerance(Real(1e-6)));
}

BOOST_AUTO_TEST_CASE(labels_that_do_not_fit_are_named) {
  const Matrix logits(2, 10, Real(0));
  using Wrong = std::invalid_argument;
  BOOST_CHECK_EXCEPTION(loss_of(logits, {1, 10}), Wrong, says("softmax_cross_entropy: label 10 of 10 classes"));
  BOOST_CHECK_EXCEPTION(loss_of(logits, {1}), Wrong, says("softmax_cross_entropy: 1 labels for logits (2x10)"));
  BOOST_CHECK_EXCEPTION(count_in_top_k(logits, std::vector<Index>{1, 10}), Wrong,
                        says("count_in_top_k: label 10 of 10 classes"));
  Matrix small(2, 9);
  BOOST_CHECK_EXCEPTION(softmax(logits, small), Wrong, says("softmax: y must be 2x10, got 2x9"));
}

BOOST_AUTO_TEST_CASE(softmax_sums_to_one_in_any_layout) {
  const Matrix logits = random(4, 6, 3);
  Matrix y(4, 6), transposed_y(6, 4), in_place = logits;
  softmax(logits, y);
  for (Index i = 0; i < 4; ++i) {
    BOOST_TEST(std::abs(double(y(i, 0)) + y(i, 1) + y(i, 2) + y(i, 3) + y(i, 4) + y(i, 5) - 1) <= 1e-6);
    BOOST_TEST(std::abs(y(i, 1) / y(i, 0) - std::exp(logits(i, 1) - logits(i, 0))) <= 1e-5 * y(i, 1) / y(i, 0));
  }
  softmax(in_place, in_place);
  Matrix stored(6, 4);
  copy(transposed(logits), stored);
  softmax(transposed(stored), transposed(View(transposed_y)));
  for (Index i = 0; i < 4; ++i) {
    for (Index j = 0; j < 6; ++j) {
      BOOST_TEST(in_place(i, j) == y(i, j));
      BOOST_TEST(transposed_y(j, i) == y(i, j));
    }
  }
}

BOOST_AUTO_TEST_CASE(softmax_of_numbers_that_it_would_overwrite_is_refused) {
  Matrix square(3, 3, Real(0));
  BOOST_CHECK_EXCEPTION(softmax(transposed(square), square), std::invalid_argument,
                        says("softmax: y must be logits itself or not overlap it"));
}

BOOST_AUTO_TEST_CASE(a_label_is_in_the_top_k_when_fewer_than_k_are_above_it) {
  const Matrix logits = matrix(1, 4, {1, 3, 2, 0});
  const auto in_top = [&](Index label, Index k) { return count_in_top_k(logits, std::vector{label}, k) == 1; };
  BOOST_TEST(in_top(1, 1));
  BOOST_TEST(!in_top(2, 1));
  BOOST_TEST(in_top(2, 2));
  BOOST_TEST(!in_top(3, 3));
  BOOST_TEST(in_top(3, 4));
  BOOST_TEST(!in_top(1, 0));
  const Matrix several = matrix(4, 2, {1, 0, 0, 1, 1, 0, 0, 1});
  BOOST_TEST(count_in_top_k(several, std::vector<Index>{0, 1, 1, 1}) == 3u);
  BOOST_TEST(count_in_top_k(several, std::vector<Index>{0, 1, 0, 0}) == 3u);
}

BOOST_AUTO_TEST_CASE(ties_count_for_the_label_and_nan_never_does) {
  const std::vector<Index> first{0};
  BOOST_TEST(count_in_top_k(matrix(1, 3, {5, 5, 5}), first) == 1u);
  BOOST_TEST(count_in_top_k(matrix(1, 3, {not_a_number, 1, 1}), first) == 0u);
  BOOST_TEST(count_in_top_k(matrix(1, 3, {5, not_a_number, 1}), first) == 0u);
  BOOST_TEST(count_in_top_k(matrix(1, 3, {5, not_a_number, 1}), first, 2) == 1u);
  BOOST_TEST(count_in_top_k(matrix(1, 3, {infinite, 1, 1}), first) == 0u);
  BOOST_TEST(count_in_top_k(matrix(1, 3, {5, -infinite, -infinite}), first) == 1u);
  BOOST_TEST(count_in_top_k(Matrix(2, 3, not_a_number), std::vector<Index>{0, 1}, 3) == 0u);
}

BOOST_AUTO_TEST_CASE(the_gradient_of_a_multiple_of_a_loss_is_that_multiple) {
  const Matrix x = random(3, 4), targets = random(3, 4);
  const std::vector<Index> labels{0, 3, 1};
  const auto losses = std::vector<std::function<Var(Var)>>{[&](Var v) { return softmax_cross_entropy(v, labels); },
                                                           [&](Var v) { return mean_squared_error(v, targets); }};
  for (const auto& loss : losses) {
    const auto gradient = [&](Real factor) {
      Tape tape;
      const Var v = tape.variable(x);
      tape.backward(scale(loss(v), factor));
      std::vector<Real> numbers;
      for (Index i = 0; i < 3; ++i)
        for (Index j = 0; j < 4; ++j) numbers.push_back(v.gradient()(i, j) / factor);
      return numbers;
    };
    BOOST_TEST(gradient(4) == gradient(1));
  }
}

// ---- mean squared error

static Real squared_error(const Matrix& predictions, const Matrix& targets, Index examples = 0) {
  Tape tape;
  return mean_squared_error(tape.variable(predictions), targets, examples).value()(0, 0);
}

BOOST_AUTO_TEST_CASE(the_squared_error_is_the_mean_over_all_elements) {
  const Matrix predictions = matrix(2, 3, {1, 2, 3, 4, 5, 6}), targets = matrix(2, 3, {0, 2, 5, 4, 5, 9});
  BOOST_TEST(squared_error(predictions, targets) == Real(14) / 6, boost::test_tools::tolerance(Real(1e-6)));
  BOOST_TEST(squared_error(predictions, targets, 4) == Real(14) / 12, boost::test_tools::tolerance(Real(1e-6)));
  Tape tape;  // unless they are said to be others, all rows are examples
  BOOST_TEST(mean_squared_error(tape.variable(predictions), targets).value()(0, 0) ==
             squared_error(predictions, targets, 2));
  BOOST_TEST(softmax_cross_entropy(tape.variable(predictions), std::vector<Index>{0, 1}).value()(0, 0) ==
             loss_of(predictions, {0, 1}, 2));
  BOOST_TEST(squared_error(predictions, predictions) == Real(0));
  BOOST_TEST(squared_error(Matrix(0, 1), Matrix(0, 1)) == Real(0));
  BOOST_TEST(squared_error(matrix(1, 1, {3}), matrix(1, 1, {1})) == Real(4));
  BOOST_TEST(std::isnan(squared_error(matrix(1, 2, {1, not_a_number}), matrix(1, 2, {1, 1}))));
}

BOOST_AUTO_TEST_CASE(the_gradient_of_the_squared_error_is_twice_the_error_over_their_number) {
  const Matrix predictions = matrix(2, 2, {1, 2, 3, 4}), targets = matrix(2, 2, {0, 2, 5, 4});
  for (const Index examples : {0, 2, 8}) {
    Tape tape;
    const Var v = tape.variable(predictions);
    tape.backward(mean_squared_error(v, targets, examples));
    const Real count = examples == 8 ? 16 : 4;
    for (Index i = 0; i < 2; ++i) {
      for (Index j = 0; j < 2; ++j) BOOST_TEST(v.gradient()(i, j) == 2 * (predictions(i, j) - targets(i, j)) / count);
    }
  }
}

BOOST_AUTO_TEST_CASE(it_is_the_one_that_differences_show) {
  if (sizeof(Real) == 4) return;
  const Matrix predictions = random(4, 3), targets = random(4, 3);
  const auto errors = check_gradients({{"predictions", predictions}}, [&](Tape&, std::span<const Var> v) {
    return mean_squared_error(v[0], targets, 5);
  });
  BOOST_TEST(largest_relative_error(errors) <= 1e-6);
}

BOOST_AUTO_TEST_CASE(targets_of_another_shape_are_named) {
  Tape tape;
  const Var v = tape.variable(matrix(2, 1, {1, 2}));
  BOOST_CHECK_EXCEPTION(mean_squared_error(v, Matrix(1, 2, Real(0))), std::invalid_argument,
                        says("mean_squared_error: targets must be 2x1, got 1x2"));
}
