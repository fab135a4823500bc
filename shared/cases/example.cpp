module;
#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

module rnn.cases.example;

import rnn.base.random;
import rnn.cases.recorded_case;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.initializers;
import rnn.network.parameters;

namespace rnn {

namespace {

/// The notebook's x_batch: batch × time × feature.
constexpr Real notebook_inputs[example_batch][example_steps][example_features] = {
    {{0, 1, 2}, {9, 8, 7}},
    {{3, 4, 5}, {0, 0, 0}},
    {{6, 7, 8}, {6, 5, 4}},
    {{9, 0, 1}, {3, 2, 1}},
};

Sequence make_inputs(const ExampleChoices& choices) {
  Sequence inputs(choices.steps, example_batch, example_features);
  auto engine = seeded(combine_seeds({choices.seed, 1}));
  boost::random::uniform_int_distribution<int> digit(0, 9);
  for (Index t = 0; t < inputs.steps(); ++t) {
    for (Index i = 0; i < example_batch; ++i) {
      for (Index j = 0; j < example_features; ++j) {
        inputs(t, i, j) = t < example_steps ? notebook_inputs[i][t][j] : static_cast<Real>(digit(engine));
        if (!choices.lengths.empty() && t >= choices.lengths[i]) inputs(t, i, j) = 0;
      }
    }
  }
  return inputs;
}

/// The same state for every sequence of the batch.
Matrix make_state(const ExampleChoices& choices, Index carry) {
  std::vector<Real> values = choices.initial_state;
  if (values.size() == 1) values.assign(carry, values[0]);
  const ConstView row(values.data(), 1, values.size());
  require_shape("make_example", "initial_state", row, 1, carry);
  Matrix state(example_batch, carry);
  for (Index i = 0; i < example_batch; ++i) copy(row, View(state).rows_from(i, 1));
  return state;
}

/// Normal numbers with mean 0 and standard deviation 1; biases are zero.
NamedMatrices make_weights(const CellKind& kind, const ExampleChoices& choices) {
  NamedMatrices weights;
  auto engine = seeded(choices.seed);
  for (const auto& [name, rows, columns] : kind.parameters(example_features, choices.neurons)) {
    Matrix& matrix = weights.all.emplace_back(name, Matrix(rows, columns, Real(0))).second;
    if (!is_bias(name)) random_normal(matrix, engine);
  }
  return weights;
}

}  // namespace

Example make_example(const ExampleChoices& choices) {
  if (!choices.lengths.empty() && choices.lengths.size() != example_batch) {
    throw std::invalid_argument("make_example: there must be a length for each of the 4 sequences, or none");
  }
  const CellKind& kind = find_cell_kind(choices.cell);
  return {.inputs = make_inputs(choices),
          .initial_state = make_state(choices, kind.carry(choices.neurons)),
          .cell = choices.cell,
          .weights = make_weights(kind, choices),
          .activation = choices.activation,
          .lengths = choices.lengths};
}

Example example_of(const Case& recorded) {
  const CellKind& kind = find_cell_kind(recorded.cell);
  const Index n = recorded.weights["w_y"].size1();
  Matrix zero(recorded.inputs->batch(), kind.carry(n), Real(0));
  return {.inputs = *recorded.inputs,
          .initial_state = recorded.initial_state.value_or(std::move(zero)),
          .cell = recorded.cell,
          .weights = recorded.weights,
          .lengths = recorded.lengths.value_or(std::vector<Index>{})};
}

bool same_numbers(ConstView a, ConstView b) {
  require_shape("same_numbers", "b", b, a.rows, a.columns);
  for (Index i = 0; i < a.rows; ++i) {
    for (Index j = 0; j < a.columns; ++j) {
      if (a(i, j) != b(i, j)) return false;
    }
  }
  return true;
}

}  // namespace rnn
