module;
#include <fmt/format.h>

#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <charconv>
#include <cmath>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

module rnn.example;

import rnn.initializers;
import rnn.random;

namespace rnn {

namespace {

constexpr Index batch = 4, features = 3, notebook_steps = 2;

/// The notebook's x_batch: batch × time × feature.
constexpr Real notebook_inputs[batch][notebook_steps][features] = {
    {{0, 1, 2}, {9, 8, 7}},
    {{3, 4, 5}, {0, 0, 0}},
    {{6, 7, 8}, {6, 5, 4}},
    {{9, 0, 1}, {3, 2, 1}},
};

/// The numbers between the commas; none at all when one of them is not a number of this type.
template <class T>
std::vector<T> numbers(std::string_view text) {
  std::vector<T> result;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    T number{};
    const auto [stop, error] = std::from_chars(text.data() + begin, text.data() + end, number);
    if (error != std::errc() || stop != text.data() + end) return {};
    result.push_back(number);
    begin = end + 1;
  }
  return result;
}

CaseKind kind(Form form) {
  CaseKind kind{.needs = {"inputs"}, .accepts = {"initial_state"}, .computes = {"outputs", "state"}, .steps = {}};
  if (form == Form::two_steps) kind.steps = notebook_steps;
  if (form == Form::variable_lengths) kind.needs.push_back("lengths");
  return kind;
}

}  // namespace

bool same_numbers(ConstView a, ConstView b) {
  require_shape("same_numbers", "b", b, a.rows, a.columns);
  for (Index i = 0; i < a.rows; ++i) {
    for (Index j = 0; j < a.columns; ++j) {
      if (a(i, j) != b(i, j)) return false;
    }
  }
  return true;
}

ExampleOptions::Choices ExampleOptions::declare(Options& options, Form form) {
  options.group("The example");
  Choices choices{
      .seed = options.integer("seed", 1, {0, 4294967295}, "decides every random number"),
      .neurons = options.integer("neurons", 5, {1, 256}, "size of the layer"),
      .initial_state = options.text("initial-state", "0",
                                    "state before the first step: one number, or one for each neuron", "X,X,..."),
  };
  if (form != Form::two_steps) {
    choices.steps =
        options.integer("steps", notebook_steps, {0, 10000}, "time steps; those after the second have random inputs");
    choices.activation = options.choice("activation", "tanh", {"tanh", "relu"}, "what the cell applies to its sums");
  }
  if (form == Form::variable_lengths) {
    choices.lengths =
        options.text("lengths", "", "valid steps of each of the 4 sequences [default all, half, none, all]", "N,N,N,N");
  }
  options.group("Recorded cases and JSON");
  return choices;
}

ExampleOptions::ExampleOptions(Options& options, Form form)
    : form_(form),
      choices_(declare(options, form)),
      replay_(options.input_file("replay", "CASE.json", "compute a recorded case instead, and compare")),
      json_(options.flag("json", "print outputs and state as one JSON object, and nothing else")) {
  for (const char* name : {"seed", "neurons", "initial-state"}) options.excludes(name, "replay");
  if (choices_.steps) options.excludes("steps", "replay");
  if (choices_.activation) options.excludes("activation", "replay");
  if (choices_.lengths) options.excludes("lengths", "replay");
}

Example ExampleOptions::read() {
  if (!replay_.given()) return from_seed();
  recorded_ = read_case(*replay_);
  require_kind(recorded_, kind(form_));
  return from_case();
}

Example ExampleOptions::from_case() const {
  const auto& [w_x, w_y, b, w_out, b_out] = recorded_.weights;
  Matrix zero(recorded_.inputs->batch(), w_y.size1(), Real(0));
  return {.inputs = *recorded_.inputs,
          .initial_state = recorded_.initial_state.value_or(std::move(zero)),
          .w_x = w_x,
          .w_y = w_y,
          .b = b,
          .lengths = recorded_.lengths.value_or(std::vector<Index>{})};
}

// Weights and inputs are drawn from streams of their own: another number of steps leaves the weights as they are.
Example ExampleOptions::from_seed() const {
  const Index n = *choices_.neurons;
  Example example{.inputs = chosen_inputs(),
                  .initial_state = chosen_state(batch),
                  .w_x = Matrix(features, n),
                  .w_y = Matrix(n, n),
                  .b = Matrix(1, n, Real(0))};
  if (choices_.activation && **choices_.activation == "relu") example.activation = Activation::relu;
  auto engine = seeded(*choices_.seed);
  random_normal(example.w_x, engine);
  random_normal(example.w_y, engine);

  if (form_ != Form::variable_lengths) return example;
  example.lengths = chosen_lengths(example.inputs);
  for (Index t = 0; t < example.inputs.steps(); ++t) {
    for (Index i = 0; i < batch; ++i) {
      if (t >= example.lengths[i]) fill(example.inputs[t].rows_from(i, 1), Real(0));
    }
  }
  return example;
}

Sequence ExampleOptions::chosen_inputs() const {
  Sequence inputs(choices_.steps ? **choices_.steps : notebook_steps, batch, features);
  auto engine = seeded(combine_seeds({*choices_.seed, 1}));
  boost::random::uniform_int_distribution<int> digit(0, 9);
  for (Index t = 0; t < inputs.steps(); ++t) {
    for (Index i = 0; i < batch; ++i) {
      for (Index j = 0; j < features; ++j) {
        inputs(t, i, j) = t < notebook_steps ? notebook_inputs[i][t][j] : static_cast<Real>(digit(engine));
      }
    }
  }
  return inputs;
}

Matrix ExampleOptions::chosen_state(Index rows) const {
  const Index n = *choices_.neurons;
  std::vector<Real> values = numbers<Real>(*choices_.initial_state);
  if (values.size() == 1) values.assign(n, values[0]);
  if (values.size() != n || !std::ranges::all_of(values, [](Real value) { return std::isfinite(value); })) {
    throw std::invalid_argument(
        fmt::format("--initial-state: expected one number, or {} with commas between them, got \"{}\"", n,
                    *choices_.initial_state));
  }
  Matrix state(rows, n);
  for (Index i = 0; i < rows; ++i) std::ranges::copy(values, state.data().begin() + i * n);
  return state;
}

std::vector<Index> ExampleOptions::chosen_lengths(const Sequence& inputs) const {
  const Index steps = inputs.steps();
  if (!choices_.lengths->given()) return {steps, steps / 2, 0, steps};
  const std::vector<Index> lengths = numbers<Index>(**choices_.lengths);
  if (lengths.size() != batch || std::ranges::max(lengths) > steps) {
    throw std::invalid_argument(
        fmt::format("--lengths: expected {} whole numbers from 0 to {} with commas between them, got \"{}\"", batch,
                    steps, **choices_.lengths));
  }
  return lengths;
}

int ExampleOptions::finish(const Sequence& outputs, ConstView state) const {
  if (for_a_person() && !replay_.given()) return 0;
  Replay replay(recorded_);
  replay.add("outputs", outputs);
  replay.add("state", state);
  if (for_a_person()) std::cout << '\n';
  return replay.finish(std::cout, *json_);
}

}  // namespace rnn
