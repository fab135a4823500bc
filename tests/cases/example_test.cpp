#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "../support/matrices.hpp"

import rnn.cases.example;
import rnn.cases.recorded_case;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;

using namespace rnn;
using rnn::testing::same_bits;
using rnn::testing::says;

namespace {

Case recorded(const std::string& name) { return read_case(std::string(std::getenv("RECORDED_CASES")) + "/" + name); }

}  // namespace

BOOST_AUTO_TEST_CASE(the_first_two_steps_are_the_notebooks) {
  const Sequence x = make_example({}).inputs, recorded_x = *recorded("notebook/static.json").inputs;
  BOOST_TEST(x.steps() == 2u);
  BOOST_TEST(same_bits(x.rows(), recorded_x.rows()));
  const Sequence longer = make_example({.steps = 9}).inputs;
  BOOST_TEST(same_bits(longer.rows().rows_from(0, x.rows().rows), x.rows()));
}

BOOST_AUTO_TEST_CASE(further_steps_are_random_whole_numbers_from_0_to_9) {
  const Sequence x = make_example({.steps = 50}).inputs;
  std::set<Real> seen;
  for (Index t = example_steps; t < 50; ++t) {
    for (Index i = 0; i < example_batch; ++i) {
      for (Index j = 0; j < example_features; ++j) seen.insert(x(t, i, j));
    }
  }
  BOOST_TEST((seen == std::set<Real>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  BOOST_TEST(same_bits(make_example({.steps = 50}).inputs.rows(), x.rows()));
  BOOST_TEST(!same_bits(make_example({.seed = 2, .steps = 50}).inputs.rows(), x.rows()));
}

BOOST_AUTO_TEST_CASE(past_a_sequences_length_all_its_inputs_are_zero_and_the_others_stay_as_they_are) {
  const std::vector<Index> lengths{0, 1, 3, 5};
  const Sequence full = make_example({.steps = 5}).inputs;
  const Example some = make_example({.steps = 5, .lengths = lengths});
  BOOST_TEST((some.lengths == lengths));
  for (Index t = 0; t < 5; ++t) {
    for (Index i = 0; i < example_batch; ++i) {
      for (Index j = 0; j < example_features; ++j) {
        BOOST_TEST(some.inputs(t, i, j) == (t < lengths[i] ? full(t, i, j) : Real(0)));
      }
    }
  }
  BOOST_CHECK_EXCEPTION(make_example({.lengths = {1, 2, 3}}), std::invalid_argument,
                        says("make_example: there must be a length for each of the 4 sequences, or none"));
}

BOOST_AUTO_TEST_CASE(weights_are_normal_numbers_that_the_number_of_steps_leaves_as_they_are) {
  for (const CellKind& kind : cell_kinds()) {
    const Example example = make_example({.cell = kind.name, .neurons = 40}),
                  longer = make_example({.cell = kind.name, .neurons = 40, .steps = 7}),
                  other = make_example({.cell = kind.name, .seed = 2, .neurons = 40});
    BOOST_TEST(example.cell == kind.name);
    const std::vector<CellParameter> parameters = kind.parameters(example_features, 40);
    BOOST_TEST_REQUIRE(example.weights.all.size() == parameters.size());
    for (Index k = 0; k < parameters.size(); ++k) {
      const auto& [name, matrix] = example.weights.all[k];
      BOOST_TEST(name == parameters[k].name);
      BOOST_TEST(shape(matrix) == shape(parameters[k].rows, parameters[k].columns));
      BOOST_TEST(same_bits(matrix, longer.weights[name]));
      if (name.starts_with('b')) {
        BOOST_TEST(same_bits(matrix, Matrix(1, matrix.size2(), Real(0))));
      } else {
        BOOST_TEST(!same_bits(matrix, other.weights[name]));
      }
    }
    double sum = 0, squares = 0;
    for (const Real number : example.weights["w_y"].data()) sum += number, squares += double(number) * double(number);
    const double count = double(example.weights["w_y"].data().size());  // 1600 or more
    BOOST_TEST(std::abs(sum / count) < 0.1);
    BOOST_TEST(std::abs(squares / count - 1) < 0.15);
  }
}

BOOST_AUTO_TEST_CASE(the_initial_state_is_one_number_or_one_for_each_of_the_carry) {
  const auto state = [](const std::vector<Real>& values) {
    return make_example({.cell = "lstm", .neurons = 2, .initial_state = values}).initial_state;
  };
  const Matrix same = state({Real(0.5)}), each = state({1, 2, 3, 4});
  BOOST_TEST(same_bits(same, Matrix(4, 4, Real(0.5))));
  for (Index i = 0; i < 4; ++i) {
    for (Index j = 0; j < 4; ++j) BOOST_TEST(each(i, j) == Real(j + 1));
  }
  BOOST_CHECK_EXCEPTION(state({1, 2}), std::invalid_argument, says("make_example: initial_state must be 1x4, got 1x2"));
  BOOST_TEST((make_example({.activation = Activation::relu}).activation == Activation::relu));
}

BOOST_AUTO_TEST_CASE(a_recorded_case_is_an_example_with_zeros_for_a_state_that_it_does_not_have) {
  Case of_file = recorded("notebook/variable.json");
  const Index batch = of_file.inputs->batch(), n = of_file.weights["w_y"].size1();
  of_file.initial_state = Matrix(batch, n, Real(3));
  const Example example = example_of(of_file);
  BOOST_TEST(example.cell == "rnn");
  BOOST_TEST(same_bits(example.inputs.rows(), of_file.inputs->rows()));
  BOOST_TEST(same_bits(example.initial_state, *of_file.initial_state));
  BOOST_TEST(same_bits(example.weights["w_y"], of_file.weights["w_y"]));
  BOOST_TEST((example.lengths == *of_file.lengths));

  of_file.initial_state.reset();
  of_file.lengths.reset();
  const Example without = example_of(of_file);
  BOOST_TEST(same_bits(without.initial_state, Matrix(batch, n, Real(0))));
  BOOST_TEST(without.lengths.empty());
}

BOOST_AUTO_TEST_CASE(the_same_numbers_are_the_same_everywhere) {
  Matrix a(2, 3, Real(1)), b = a;
  BOOST_TEST(same_numbers(a, b));
  for (Index i = 0; i < 2; ++i) {
    for (Index j = 0; j < 3; ++j) {
      b = a;
      b(i, j) = 2;
      BOOST_TEST(!same_numbers(a, b));
    }
  }
  const Real not_a_number = std::numeric_limits<Real>::quiet_NaN();
  BOOST_TEST(!same_numbers(Matrix(1, 1, not_a_number), Matrix(1, 1, not_a_number)));
  BOOST_CHECK_THROW(same_numbers(a, Matrix(3, 2, Real(1))), std::invalid_argument);
}
