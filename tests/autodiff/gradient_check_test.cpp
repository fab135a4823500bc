#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

import rnn.autodiff.gradient_check;
import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.matrix;
import rnn.network.initializers;

using namespace rnn;

static Matrix random(Index rows, Index columns) {
  static Engine engine(1);
  Matrix m(rows, columns);
  random_normal(m, engine);
  return m;
}

// y = a ⊙ a with a gradient that is wrong in one element.
static Var square_with_a_mistake(Var a, Index row, Index column, Real mistake) {
  Tape& tape = a.tape();
  const Var y = tape.add("Square", {a}, a.rows(), a.columns());
  const View out = tape.output(y);
  for (Index i = 0; i < a.rows(); ++i)
    for (Index j = 0; j < a.columns(); ++j) out(i, j) = a.value()(i, j) * a.value()(i, j);
  tape.on_backward(y, [=] {
    const View da = a.gradient();
    for (Index i = 0; i < a.rows(); ++i)
      for (Index j = 0; j < a.columns(); ++j) da(i, j) += 2 * a.value()(i, j) * y.gradient()(i, j);
    da(row, column) += mistake;
  });
  return y;
}

BOOST_AUTO_TEST_CASE(a_right_gradient_is_near_the_differences) {
  const Matrix a = random(3, 4), b = random(4, 2);
  const auto errors = check_gradients({{"a", a}, {"b", b}},
                                      [](Tape&, std::span<const Var> v) { return mean(tanh(matmul(v[0], v[1]))); });
  BOOST_REQUIRE(errors.size() == 2u);
  BOOST_TEST(errors[0].name == "a");
  BOOST_TEST(errors[0].rows == 3u);
  BOOST_TEST(errors[0].columns == 4u);
  BOOST_TEST(errors[1].name == "b");
  BOOST_TEST(largest_relative_error(errors) <= 1e-6);
  BOOST_TEST(largest_relative_error(errors) > 0);
}

BOOST_AUTO_TEST_CASE(each_evaluation_begins_with_an_empty_tape) {
  const Matrix a(3, 4, Real(1));
  check_gradients({{"a", a}}, [](Tape& tape, std::span<const Var> v) {
    BOOST_TEST_REQUIRE(tape.size() == v.size());  // or memory would grow with the number of elements
    return sum(v[0]);
  });
}

BOOST_AUTO_TEST_CASE(a_wrong_element_is_found_where_it_is) {
  const Matrix a(3, 4, Real(1)), b = random(3, 4);
  const auto errors = check_gradients({{"a", a}, {"b", b}}, [](Tape&, std::span<const Var> v) {
    return sum(multiply(square_with_a_mistake(v[0], 1, 2, Real(0.002)), square_with_a_mistake(v[1], 0, 0, 0)));
  });
  BOOST_TEST(errors[0].row == 1u);
  BOOST_TEST(errors[0].column == 2u);
  BOOST_TEST(errors[0].absolute == Real(0.002), boost::test_tools::tolerance(Real(1e-4)));
  const Real right = errors[0].numeric;
  BOOST_TEST(errors[0].analytic == right + Real(0.002), boost::test_tools::tolerance(Real(1e-4)));
  BOOST_TEST(errors[0].relative == Real(0.002) / (right + Real(0.002)), boost::test_tools::tolerance(Real(1e-4)));
  BOOST_TEST(errors[1].relative <= 1e-6);
  BOOST_TEST(largest_relative_error(errors) == errors[0].relative);
}

BOOST_AUTO_TEST_CASE(below_the_floor_gradients_are_compared_absolutely) {
  const Matrix a(1, 1, Real(0));  // the gradient of a² is 0 there, that of the mistake is not
  const auto function = [](Tape&, std::span<const Var> v) { return square_with_a_mistake(v[0], 0, 0, Real(1e-7)); };
  const NamedMatrix named{"a", a};
  BOOST_TEST(check_gradients({named}, function)[0].relative == 1e-3, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(check_gradients({named}, function, {.floor = Real(1e-9)})[0].relative == 1.0,
             boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(nan_is_infinitely_wrong) {
  const Matrix a(2, 2, Real(1));
  for (const Real mistake : {std::numeric_limits<Real>::quiet_NaN(), std::numeric_limits<Real>::infinity()}) {
    const auto errors = check_gradients(
        {{"a", a}}, [=](Tape&, std::span<const Var> v) { return sum(square_with_a_mistake(v[0], 0, 1, mistake)); });
    BOOST_TEST(std::isinf(errors[0].relative));
    BOOST_TEST(std::isinf(errors[0].absolute));
    BOOST_TEST(errors[0].column == 1u);
    BOOST_TEST(std::isinf(largest_relative_error(errors)));
  }
}

BOOST_AUTO_TEST_CASE(of_equal_errors_the_first_is_named) {
  const Matrix a(2, 2, Real(1));
  const Real infinite = std::numeric_limits<Real>::infinity();
  const auto wrong = check_gradients({{"a", a}}, [&](Tape&, std::span<const Var> v) {
    return sum(add(square_with_a_mistake(v[0], 1, 0, infinite), square_with_a_mistake(v[0], 0, 1, infinite)));
  });
  BOOST_TEST((wrong[0].row == 0u && wrong[0].column == 1u));
  const auto right = check_gradients({{"a", a}}, [](Tape&, std::span<const Var> v) { return sum(v[0]); },
                                     {.step = Real(0x1p-10)});  // nothing is rounded
  BOOST_TEST((right[0].relative == 0 && right[0].analytic == 1 && right[0].numeric == 1));
  BOOST_TEST((right[0].row == 0u && right[0].column == 0u));
}

BOOST_AUTO_TEST_CASE(a_gradient_had_by_hand_can_be_checked_too) {
  const Matrix a = random(2, 3);
  Matrix gradient = a;
  gradient *= Real(2);
  const auto square = [](Tape&, std::span<const Var> v) { return sum(multiply(v[0], v[0])); };
  const ConstView by_hand[] = {gradient};
  BOOST_TEST(check_gradients({{"a", a}}, by_hand, square)[0].relative <= 1e-6);
  gradient(1, 2) += Real(1);
  const auto errors = check_gradients({{"a", a}}, by_hand, square);
  BOOST_TEST(errors[0].row == 1u);
  BOOST_TEST(errors[0].column == 2u);
  BOOST_CHECK_THROW(check_gradients({{"a", a}}, std::span<const ConstView>(), square), std::invalid_argument);
  const Matrix other(3, 3);
  const ConstView wrong_shape[] = {other};
  BOOST_CHECK_EXCEPTION(check_gradients({{"a", a}}, wrong_shape, square), std::invalid_argument,
                        [](const std::invalid_argument& error) {
                          return error.what() == std::string("check_gradients: a must be 2x3, got 3x3");
                        });
}

BOOST_AUTO_TEST_CASE(an_unused_input_an_empty_one_and_no_input_have_no_error) {
  const Matrix a = random(2, 2), unused = random(2, 2), empty(0, 3);
  const auto errors = check_gradients({{"unused", unused}, {"empty", empty}, {"a", a}},
                                      [](Tape&, std::span<const Var> v) { return sum(v[2]); });
  BOOST_TEST(errors[0].relative == 0);
  BOOST_TEST(errors[1].relative == 0);
  BOOST_TEST((errors[1].absolute == 0 && errors[1].analytic == 0 && errors[1].numeric == 0));
  BOOST_TEST((errors[1].row == 0u && errors[1].column == 0u));
  BOOST_TEST(errors[2].relative <= 1e-6);
  const Matrix constant(1, 1, Real(3));
  const auto none = check_gradients({}, [&](Tape& tape, std::span<const Var>) { return tape.constant(constant); });
  BOOST_TEST(none.empty());
  BOOST_TEST(largest_relative_error(none) == 0);
}

BOOST_AUTO_TEST_CASE(a_function_that_is_not_a_scalar_is_refused) {
  const Matrix a = random(2, 2);
  const auto itself = [](Tape&, std::span<const Var> v) { return v[0]; };
  BOOST_CHECK_THROW(check_gradients({{"a", a}}, itself), std::invalid_argument);
  const ConstView by_hand[] = {a};
  BOOST_CHECK_EXCEPTION(
      check_gradients({{"a", a}}, by_hand, itself), std::invalid_argument, [](const std::invalid_argument& error) {
        return std::string(error.what()) == "check_gradients: the function's result must be 1x1, got 2x2";
      });
}

BOOST_AUTO_TEST_CASE(the_matrices_are_not_changed) {
  const Matrix a = random(3, 3);
  const Matrix before = a;
  check_gradients({{"a", a}}, [](Tape&, std::span<const Var> v) { return sum(v[0]); });
  for (Index i = 0; i < 9; ++i) BOOST_TEST(a.data()[i] == before.data()[i]);
}
