#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../support/matrices.hpp"

import rnn.autodiff.gradient_check;
import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.initializers;

using namespace rnn;
using rnn::testing::says;

static constexpr Real not_a_number = std::numeric_limits<Real>::quiet_NaN();

static Matrix matrix(Index rows, Index columns, const std::vector<Real>& numbers) {
  Matrix m(rows, columns);
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j) m(i, j) = numbers[i * columns + j];
  return m;
}

static Matrix random(Index rows, Index columns) {
  static Engine engine(1);
  Matrix m(rows, columns);
  random_normal(m, engine);
  return m;
}

static bool same(ConstView a, ConstView b) {
  if (a.rows != b.rows || a.columns != b.columns) return false;
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < a.columns; ++j)
      if (a(i, j) != b(i, j)) return false;
  return true;
}

// ---- values, by hand ----

BOOST_AUTO_TEST_CASE(every_operation_computes_what_it_says) {
  Tape tape;
  const Matrix a_values = matrix(2, 2, {1, 2, 3, 4}), b_values = matrix(2, 2, {5, -6, 7, 8});
  const Matrix row_values = matrix(1, 2, {10, 20});
  const Var a = tape.variable(a_values), b = tape.variable(b_values), row = tape.variable(row_values);
  BOOST_TEST(same(matmul(a, b).value(), matrix(2, 2, {19, 10, 43, 14})));
  BOOST_TEST(same(add_matmul(b, a, b).value(), matrix(2, 2, {24, 4, 50, 22})));
  BOOST_TEST(same(add(a, b).value(), matrix(2, 2, {6, -4, 10, 12})));
  BOOST_TEST(same(add_bias(a, row).value(), matrix(2, 2, {11, 22, 13, 24})));
  BOOST_TEST(same(multiply(a, b).value(), matrix(2, 2, {5, -12, 21, 32})));
  BOOST_TEST(same(add_multiplied(a, a, b).value(), matrix(2, 2, {6, -10, 24, 36})));
  BOOST_TEST(same(slice_columns(a, 1, 1).value(), matrix(2, 1, {2, 4})));
  BOOST_TEST(same(join_columns(std::vector{slice_columns(a, 1, 1), b, slice_columns(a, 0, 1)}).value(),
                  matrix(2, 4, {2, 5, -6, 1, 4, 7, 8, 3})));
  BOOST_TEST(same(scale(a, Real(0.5)).value(), matrix(2, 2, {0.5, 1, 1.5, 2})));
  BOOST_TEST(same(relu(b).value(), matrix(2, 2, {5, 0, 7, 8})));
  BOOST_TEST(same(transpose(a).value(), matrix(2, 2, {1, 3, 2, 4})));
  BOOST_TEST(same(slice_rows(a, 1, 1).value(), matrix(1, 2, {3, 4})));
  BOOST_TEST(same(stack_rows(std::vector{a, row}).value(), matrix(3, 2, {1, 2, 3, 4, 10, 20})));
  BOOST_TEST(same(sum(b).value(), matrix(1, 1, {14})));
  BOOST_TEST(same(mean(b).value(), matrix(1, 1, {3.5})));
  for (Index i = 0; i < 2; ++i) {
    for (Index j = 0; j < 2; ++j) {
      BOOST_TEST(std::abs(tanh(a).value()(i, j) - std::tanh(a_values(i, j))) <= 1.2e-7);
      BOOST_TEST(std::abs(sigmoid(b).value()(i, j) - 1 / (1 + std::exp(-b_values(i, j)))) <= 3e-7);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_row_that_is_not_chosen_may_be_nan) {
  Tape tape;
  const Matrix yes_values = matrix(2, 2, {1, 2, not_a_number, not_a_number}),
               no_values = matrix(2, 2, {not_a_number, not_a_number, 3, 4});
  const Var yes = tape.variable(yes_values), no = tape.variable(no_values);
  const bool keep[] = {true, false};
  const Var both = choose_rows(keep, yes, no), one = choose_rows(keep, yes, {});
  BOOST_TEST(same(both.value(), matrix(2, 2, {1, 2, 3, 4})));
  BOOST_TEST(same(one.value(), matrix(2, 2, {1, 2, 0, 0})));
  tape.backward(add(sum(both), sum(one)));
  BOOST_TEST(same(yes.gradient(), matrix(2, 2, {2, 2, 0, 0})));
  BOOST_TEST(same(no.gradient(), matrix(2, 2, {0, 0, 1, 1})));
}

BOOST_AUTO_TEST_CASE(without_another_row_a_row_that_is_not_chosen_is_zero_whatever_was_in_the_tapes_memory) {
  Tape tape;
  fill(tape.workspace(2, 2), Real(7));
  tape.clear();
  const Matrix values = matrix(2, 2, {1, 2, 3, 4});
  const bool keep[] = {false, true};
  BOOST_TEST(same(choose_rows(keep, tape.variable(values), {}).value(), matrix(2, 2, {0, 0, 3, 4})));
}

BOOST_AUTO_TEST_CASE(the_steps_of_a_sequence_are_sliced_and_stacked) {
  Sequence x(3, 2, 4);
  Engine engine(2);
  random_normal(x.rows(), engine);
  Tape tape;
  const SequenceVar v = tape.variable(x);
  std::vector<Var> steps;
  for (Index t = 0; t < 3; ++t) {
    steps.push_back(slice_time(v, t));
    BOOST_TEST(same(steps.back().value(), x[t]));
  }
  const SequenceVar again = stack_time(tape, steps, 2, 4);
  BOOST_TEST(again.steps == 3u);
  BOOST_TEST(again.batch == 2u);
  BOOST_TEST(same(again.rows.value(), x.rows()));
  const SequenceVar none = stack_time(tape, {}, 2, 4);
  BOOST_TEST(none.steps == 0u);
  BOOST_TEST(shape(none.rows.value()) == "0x4");
}

BOOST_AUTO_TEST_CASE(thousands_of_steps_can_be_stacked) {
  const Matrix one = matrix(1, 1, {1});
  Tape tape;
  const Var v = tape.variable(one);
  const std::vector<Var> steps(20000, v);
  tape.backward(sum(stack_time(tape, steps, 1, 1).rows));
  BOOST_TEST(v.gradient()(0, 0) == Real(20000));
}

// ---- messages ----

BOOST_AUTO_TEST_CASE(shapes_that_do_not_fit_are_named_with_the_operation) {
  const Matrix a_values(3, 4, Real(1)), b_values(5, 2, Real(1)), empty_values(0, 4);
  Tape tape;
  const Var a = tape.variable(a_values), b = tape.variable(b_values), empty = tape.variable(empty_values);
  using Wrong = std::invalid_argument;
  BOOST_CHECK_EXCEPTION(matmul(a, b), Wrong, says("matmul: columns of a (3x4) must equal rows of b (5x2)"));
  BOOST_CHECK_EXCEPTION(add_matmul(a, a, b), Wrong, says("add_matmul: columns of a (3x4) must equal rows of b (5x2)"));
  BOOST_CHECK_EXCEPTION(add_matmul(b, a, transpose(a)), Wrong, says("add_matmul: c must be 3x3, got 5x2"));
  BOOST_CHECK_EXCEPTION(add(a, b), Wrong, says("add: a (3x4) and b (5x2) must have the same shape"));
  BOOST_CHECK_EXCEPTION(add(a, slice_rows(a, 0, 2)), Wrong, says("add: a (3x4) and b (2x4) must have the same shape"));
  BOOST_CHECK_EXCEPTION(add(a, slice_columns(a, 0, 2)), Wrong,
                        says("add: a (3x4) and b (3x2) must have the same shape"));
  BOOST_CHECK_EXCEPTION(multiply(a, b), Wrong, says("multiply: a (3x4) and b (5x2) must have the same shape"));
  BOOST_CHECK_EXCEPTION(add_bias(a, b), Wrong, says("add_bias: bias must be 1x4, got 5x2"));
  BOOST_CHECK_EXCEPTION(slice_rows(a, 2, 2), Wrong, says("slice_rows: rows 2 to 4 are not all in a (3x4)"));
  BOOST_CHECK_THROW(slice_rows(a, Index(-1), 2), Wrong);
  BOOST_CHECK_EXCEPTION(slice_columns(a, 3, 2), Wrong, says("slice_columns: columns 3 to 5 are not all in a (3x4)"));
  BOOST_CHECK_THROW(slice_columns(a, Index(-1), 2), Wrong);
  BOOST_CHECK_EXCEPTION(join_columns({}), Wrong, says("join_columns: there must be at least one part"));
  BOOST_CHECK_EXCEPTION(join_columns(std::vector{a, b}), Wrong, says("join_columns: every part must be 3x2, got 5x2"));
  BOOST_CHECK_EXCEPTION(add_multiplied(b, a, a), Wrong, says("add_multiplied: c must be 3x4, got 5x2"));
  BOOST_CHECK_EXCEPTION(add_multiplied(a, a, b), Wrong,
                        says("add_multiplied: a (3x4) and b (5x2) must have the same shape"));
  BOOST_CHECK_EXCEPTION(slice_time({a, 3, 1}, 3), Wrong, says("slice_time: step 3 of a sequence of 3"));
  BOOST_CHECK_EXCEPTION(stack_rows({}), Wrong, says("stack_rows: there must be at least one part"));
  BOOST_CHECK_EXCEPTION(stack_rows(std::vector{a, b}), Wrong, says("stack: every part must be 5x4, got 5x2"));
  BOOST_CHECK_EXCEPTION(stack_time(tape, std::vector{b}, 3, 4), Wrong,
                        says("stack_time: every step must be 3x4, got 5x2"));
  const bool keep[] = {true, false};
  BOOST_CHECK_EXCEPTION(choose_rows(keep, a, {}), Wrong, says("choose_rows: 2 choices for the rows of 3x4"));
  const bool all[] = {true, true, true};
  BOOST_CHECK_EXCEPTION(choose_rows(all, a, b), Wrong,
                        says("choose_rows: a (3x4) and b (5x2) must have the same shape"));
  BOOST_CHECK_EXCEPTION(mean(empty), Wrong, says("mean: must have at least one element"));
}

BOOST_AUTO_TEST_CASE(the_inputs_of_an_operation_must_be_on_one_tape) {
  const Matrix values(2, 2, Real(1));
  Tape here, there;
  BOOST_CHECK_EXCEPTION(add(here.variable(values), there.variable(values)), std::invalid_argument,
                        says("Add: inputs are on different tapes"));
}

// ---- gradients: in the double build, where differences can tell ----

// Σ cᵢⱼ·yᵢⱼ: a scalar in which each element of y has a weight of its own.
static Var weighted_sum(Var y) {
  const View weights = y.tape().workspace(y.rows(), y.columns());
  for (Index k = 0; k < weights.size(); ++k) weights.data[k] = Real(0.2) + std::sin(Real(k + 1));
  return sum(multiply(y, y.tape().constant(weights)));
}

static void check(const std::string& what, const std::vector<Matrix>& values,
                  const std::function<Var(std::span<const Var>)>& operation) {
  if (sizeof(Real) == 4) return;
  std::vector<NamedMatrix> inputs;
  for (const Matrix& value : values) inputs.push_back({"input " + std::to_string(inputs.size()), value});
  const auto errors =
      check_gradients(inputs, [&](Tape&, std::span<const Var> vars) { return weighted_sum(operation(vars)); });
  for (const GradientError& error : errors) {
    BOOST_TEST_CONTEXT(what << ", " << error.name << " (" << error.rows << "x" << error.columns << "), at ("
                            << error.row << ", " << error.column << "): " << error.analytic << " against "
                            << error.numeric) {
      BOOST_TEST(error.relative <= 1e-6);
    }
  }
  BOOST_TEST_MESSAGE(what << ": " << largest_relative_error(errors));
}

// One element, one row, one column, a vector register and a bit, no rows, no columns.
static const std::pair<Index, Index> shapes[] = {{1, 1}, {1, 5}, {4, 1}, {3, 4}, {2, 9}, {0, 3}, {3, 0}};

BOOST_AUTO_TEST_CASE(gradients_of_operations_on_elements_are_right) {
  for (const auto& [m, n] : shapes) {
    check("add", {random(m, n), random(m, n)}, [](auto v) { return add(v[0], v[1]); });
    check("add_bias", {random(m, n), random(1, n)}, [](auto v) { return add_bias(v[0], v[1]); });
    check("multiply", {random(m, n), random(m, n)}, [](auto v) { return multiply(v[0], v[1]); });
    check("add_multiplied", {random(m, n), random(m, n), random(m, n)},
          [](auto v) { return add_multiplied(v[0], v[1], v[2]); });
    check("scale", {random(m, n)}, [](auto v) { return scale(v[0], Real(-1.5)); });
    check("tanh", {random(m, n)}, [](auto v) { return tanh(v[0]); });
    check("sigmoid", {random(m, n)}, [](auto v) { return sigmoid(v[0]); });
    check("identity", {random(m, n)}, [](auto v) { return activation(Activation::identity, v[0]); });
    check("sum", {random(m, n)}, [](auto v) { return sum(v[0]); });
    if (m * n > 0) check("mean", {random(m, n)}, [](auto v) { return mean(v[0]); });
    Matrix away_from_the_kink = random(m, n);
    for (Real& x : away_from_the_kink.data()) x += x < 0 ? Real(-0.01) : Real(0.01);
    check("relu", {away_from_the_kink}, [](auto v) { return relu(v[0]); });
  }
}

BOOST_AUTO_TEST_CASE(gradients_of_products_are_right) {
  for (const Index m : {0, 1, 3, 7}) {
    for (const Index k : {0, 1, 4, 9}) {
      for (const Index n : {0, 1, 5, 9}) {
        check("matmul", {random(m, k), random(k, n)}, [](auto v) { return matmul(v[0], v[1]); });
        check("add_matmul", {random(m, n), random(m, k), random(k, n)},
              [](auto v) { return add_matmul(v[0], v[1], v[2]); });
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(gradients_of_operations_that_move_rows_and_columns_are_right) {
  for (const auto& [m, n] : shapes) {
    check("transpose", {random(m, n)}, [](auto v) { return transpose(v[0]); });
    for (Index first = 0; first <= m; ++first) {
      check("slice_rows", {random(m, n)}, [&, m = m](auto v) { return slice_rows(v[0], first, m - first); });
    }
    for (Index first = 0; first <= n; ++first) {
      check("slice_columns", {random(m, n)}, [&, n = n](auto v) { return slice_columns(v[0], first, n - first); });
    }
    check("join_columns", {random(m, n), random(m, 0), random(m, 2), random(m, 1)},
          [](auto v) { return join_columns(v); });
    check("stack_rows", {random(m, n), random(2, n), random(0, n)}, [](auto v) { return stack_rows(v); });
    const auto keep = std::make_unique<bool[]>(m);
    for (Index i = 0; i < m; ++i) keep[i] = i % 2 == 0;
    const std::span<const bool> chosen(keep.get(), m);
    check("choose_rows", {random(m, n), random(m, n)}, [&](auto v) { return choose_rows(chosen, v[0], v[1]); });
    check("choose_rows or zero", {random(m, n)}, [&](auto v) { return choose_rows(chosen, v[0], {}); });
  }
  for (const Index steps : {1, 2, 5}) {
    check("slice_time, stack_time", {random(steps * 3, 2)}, [&](auto v) {
      std::vector<Var> backward;
      for (Index t = steps; t-- > 0;) backward.push_back(slice_time({v[0], steps, 3}, t));
      return stack_time(v[0].tape(), backward, 3, 2).rows;
    });
  }
}

BOOST_AUTO_TEST_CASE(an_input_used_twice_gets_both_gradients) {
  check("a·a", {random(4, 4)}, [](auto v) { return matmul(v[0], v[0]); });
  check("a + a", {random(2, 3)}, [](auto v) { return add(v[0], v[0]); });
  check("a ⊙ a", {random(2, 3)}, [](auto v) { return multiply(v[0], v[0]); });
  check("a, a", {random(2, 3)}, [](auto v) { return stack_rows(std::vector{v[0], v[0]}); });
  check("a + tanh a ⊙ a", {random(2, 3)}, [](auto v) { return add(v[0], multiply(tanh(v[0]), v[0])); });
  check("Σa · Σa", {random(2, 3)}, [](auto v) { return multiply(sum(v[0]), sum(v[0])); });
}
