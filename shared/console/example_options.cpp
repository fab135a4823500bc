module;
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

module rnn.console.example_options;

import rnn.base.text;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;

namespace rnn {

namespace {

/// The numbers between the commas, after which there may be blanks; none at all if one of them is not a number of this
/// type.
template <class T>
std::vector<T> numbers(std::string_view text) {
  std::vector<T> result;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (begin > 0) begin = std::min(text.find_first_not_of(' ', begin), end);
    const std::optional<T> number = parse_number<T>(text.substr(begin, end - begin));
    if (!number) return {};
    result.push_back(*number);
    begin = end + 1;
  }
  return result;
}

CaseKind kind(Form form) {
  CaseKind kind{.needs = {"inputs"}, .accepts = {"initial_state"}, .computes = {"outputs", "state"}, .steps = {}};
  if (form == Form::two_steps) {
    kind.steps = example_steps;
    kind.cells = {"rnn"};
  } else {
    kind.computes.push_back("cell_state");
  }
  if (form == Form::variable_lengths) kind.needs.push_back("lengths");
  return kind;
}

}  // namespace

ExampleOptions::Declared ExampleOptions::declare(Options& options, Form form) {
  options.group("The example");
  Declared declared{
      .seed = options.integer("seed", 1, {0, 4294967295}, "decides every random number"),
      .neurons = options.integer("neurons", 5, {1, 256}, "size of the layer"),
      .initial_state = options.text("initial-state", "0",
                                    "state before the first step: one number, or one for each neuron", "X,X,..."),
  };
  if (form != Form::two_steps) {
    const std::vector<std::string> names = cell_names();
    declared.cell = options.choice("cell", names[0], names, "kind of cell");
    declared.steps =
        options.integer("steps", example_steps, {0, 10000}, "time steps; those after the second have random inputs");
    declared.activation =
        options.choice("activation", "tanh", {"tanh", "relu"}, "what the basic cell applies to its pre-activations");
  }
  if (form == Form::variable_lengths) {
    declared.lengths =
        options.text("lengths", "", "valid steps of each of the 4 sequences [default all, half, none, all]", "N,N,N,N");
  }
  options.group("Recorded cases and JSON");
  return declared;
}

ExampleOptions::ExampleOptions(Options& options, Form form)
    : form_(form),
      declared_(declare(options, form)),
      replay_(options.input_file("replay", "CASE.json", "compute a recorded case instead, and compare")),
      json_(options.flag("json", "print outputs and state as one JSON object, and nothing else")) {
  for (const char* name : {"seed", "neurons", "initial-state"}) options.excludes(name, "replay");
  if (declared_.steps) options.excludes("steps", "replay");
  if (declared_.cell) options.excludes("cell", "replay");
  if (declared_.activation) options.excludes("activation", "replay");
  if (declared_.lengths) options.excludes("lengths", "replay");
}

Example ExampleOptions::read() {
  if (!replay_.given()) return make_example(choices());
  recorded_ = read_case(*replay_);
  require_kind(recorded_, kind(form_));
  return example_of(recorded_);
}

ExampleChoices ExampleOptions::choices() const {
  ExampleChoices chosen{.seed = *declared_.seed, .neurons = *declared_.neurons};
  if (declared_.cell) chosen.cell = **declared_.cell;
  chosen.initial_state = chosen_state(find_cell_kind(chosen.cell).carry(chosen.neurons));
  if (declared_.steps) chosen.steps = **declared_.steps;
  if (declared_.activation && **declared_.activation == "relu") {
    if (chosen.cell != "rnn") throw std::invalid_argument("--activation: the " + chosen.cell + " supports only tanh");
    chosen.activation = Activation::relu;
  }
  if (declared_.lengths) chosen.lengths = chosen_lengths(chosen.steps);
  return chosen;
}

std::vector<Real> ExampleOptions::chosen_state(Index carry) const {
  const std::string& text = *declared_.initial_state;
  const std::vector<Real> values = numbers<Real>(text);
  const bool finite = std::ranges::all_of(values, [](Real value) { return std::isfinite(value); });
  if (finite && (values.size() == 1 || values.size() == carry)) return values;
  const bool only_too_large_or_small = values.empty() && !numbers<long double>(text).empty();
  throw std::invalid_argument(
      fmt::format("--initial-state: expected one number, or {}{} with commas between them, got \"{:.60}\"{}", carry,
                  carry > *declared_.neurons ? " (h, then c)" : "", text,
                  only_too_large_or_small ? ", which a float cannot hold" : ""));
}

std::vector<Index> ExampleOptions::chosen_lengths(Index steps) const {
  if (!declared_.lengths->given()) return {steps, steps / 2, 0, steps};
  const std::vector<Index> lengths = numbers<Index>(**declared_.lengths);
  if (lengths.size() == example_batch && std::ranges::max(lengths) <= steps) return lengths;
  throw std::invalid_argument(
      fmt::format("--lengths: expected {} whole numbers from 0 to {} with commas between them, got \"{:.60}\"",
                  example_batch, steps, **declared_.lengths));
}

int ExampleOptions::finish(const Sequence& outputs, ConstView carry) const {
  if (for_a_person() && !replay_.given()) return 0;
  Replay replay(recorded_);
  replay.add("outputs", outputs);
  const Index n = outputs.features();
  replay.add("state", carry.columns_from(0, n));
  if (carry.columns > n) replay.add("cell_state", carry.columns_from(n, carry.columns - n));
  if (for_a_person()) std::cout << '\n';
  return replay.finish(std::cout, *json_);
}

}  // namespace rnn
