#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <span>
#include <stdexcept>
#include <vector>

import rnn.autodiff.gradient_check;
import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.caller;
import rnn.linalg.matrix;
import rnn.network.embedding;
import rnn.network.initializers;

using namespace rnn;

namespace {
const std::vector<Index> which = {2, 0, 2, 3, 2};

Matrix table() {
  Matrix a(4, 3);
  Engine engine(1);
  random_normal(a, engine);
  return a;
}
}  // namespace

BOOST_AUTO_TEST_CASE(each_row_is_the_one_that_was_asked_for) {
  Tape tape;
  const Matrix a = table();
  const Var y = gather_rows(tape.constant(a), which);
  BOOST_TEST_REQUIRE(y.rows() == 5u);
  for (Index i = 0; i < which.size(); ++i) {
    for (Index j = 0; j < 3; ++j) BOOST_TEST(y.value()(i, j) == a(which[i], j));
  }
}

BOOST_AUTO_TEST_CASE(it_is_a_product_with_one_hot_rows) {
  Tape tape;
  const Matrix a = table();
  Matrix one_hot(which.size(), 4, Real(0)), weights(which.size(), 3);
  for (Index i = 0; i < which.size(); ++i) one_hot(i, which[i]) = 1;
  Engine engine(2);
  random_normal(weights, engine);
  const Var by_rows = tape.variable(a), by_product = tape.variable(a);
  const Var both = add(sum(multiply(gather_rows(by_rows, which), tape.constant(weights))),
                       sum(multiply(matmul(tape.constant(one_hot), by_product), tape.constant(weights))));
  tape.backward(both);
  for (Index i = 0; i < 4; ++i) {
    for (Index j = 0; j < 3; ++j) {
      BOOST_TEST(by_rows.gradient()(i, j) == by_product.gradient()(i, j), boost::test_tools::tolerance(Real(1e-5)));
    }
  }
  BOOST_TEST(by_rows.gradient()(1, 0) == 0);  // nobody took this row
}

BOOST_AUTO_TEST_CASE(its_gradient_is_that_of_differences) {
  if (sizeof(Real) == 4) return;
  const Matrix a = table();
  const auto errors = check_gradients({{"a", a}}, [](Tape&, std::span<const Var> inputs) {
    const Var y = gather_rows(inputs[0], which);
    return sum(multiply(y, multiply(y, y)));
  });
  BOOST_TEST(largest_relative_error(errors) < 1e-6);
}

BOOST_AUTO_TEST_CASE(a_row_that_is_not_there_is_refused) {
  Tape tape;
  const Matrix a = table();
  const std::vector<Index> wrong = {0, 4};
  BOOST_CHECK_EXCEPTION(gather_rows(tape.constant(a), wrong), CallError,
                        [](const auto& error) { return std::string(error.what()) == "gather_rows: row 4 of a (4x3)"; });
  BOOST_TEST(gather_rows(tape.constant(a), {}).rows() == 0u);
}
