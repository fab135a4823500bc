#include <boost/test/unit_test.hpp>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "../support/chapter.hpp"
#include "../support/matrices.hpp"

import rnn.base.error;
import rnn.cases.example;
import rnn.cases.recorded_case;
import rnn.console.example_options;
import rnn.console.options;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;

using namespace rnn;
using rnn::testing::Folder;
using rnn::testing::recorded;
using rnn::testing::same_bits;
using Arguments = std::vector<std::string>;

namespace {

struct Chapter {
  explicit Chapter(Form form) : chosen(options, form) {}

  Example read(const Arguments& arguments) {
    options.parse(arguments);
    return chosen.read();
  }
  std::string error(const Arguments& arguments) {
    try {
      read(arguments);
    } catch (const std::invalid_argument& error) {
      return error.what();
    } catch (const FileError& error) {
      return error.what();
    }
    return "no error";
  }
  /// What finish prints, and the status.
  std::string finish(const Sequence& outputs, ConstView carry) const {
    std::ostringstream out;
    std::streambuf* before = std::cout.rdbuf(out.rdbuf());
    const int status = chosen.finish(outputs, carry);
    std::cout.rdbuf(before);
    return out.str() + std::to_string(status);
  }

  Options options{"01_two_steps", "Shows nothing."};
  ExampleOptions chosen;
};

constexpr Form forms[] = {Form::two_steps, Form::any_length, Form::variable_lengths};

Example read(Form form, const Arguments& arguments) { return Chapter(form).read(arguments); }
std::string error(Form form, const Arguments& arguments) { return Chapter(form).error(arguments); }

void check_same(const Example& a, const Example& b) {
  BOOST_TEST(same_bits(a.inputs.rows(), b.inputs.rows()));
  BOOST_TEST(same_bits(a.initial_state, b.initial_state));
  BOOST_TEST(a.cell == b.cell);
  BOOST_TEST_REQUIRE(a.weights.all.size() == b.weights.all.size());
  for (const auto& [name, matrix] : a.weights.all) BOOST_TEST(same_bits(matrix, b.weights[name]), name);
  BOOST_TEST((a.activation == b.activation));
  BOOST_TEST(a.lengths == b.lengths, boost::test_tools::per_element());
}

/// A case with one sequence of so many steps, and other keys.
std::string one_number(int steps, const std::string& more) {
  std::string inputs = "[1]";
  for (int t = 1; t < steps; ++t) inputs += ",[1]";
  return "{\"inputs\":[[" + inputs + "]],\"weights\":{\"w_x\":[[1]],\"w_y\":[[1]],\"b\":[0]}" + more + "}";
}

}  // namespace

BOOST_AUTO_TEST_CASE(help_tells_the_example_from_cases) {
  const std::string help = Chapter(Form::any_length).options.help();
  const std::size_t example = help.find("\nThe example:\n"), cases = help.find("\nRecorded cases and JSON:\n");
  BOOST_TEST((example < help.find("--seed") && help.find("--activation") < cases && cases < help.find("--replay")));
  BOOST_TEST(help.find("--replay") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(without_options_it_is_the_notebooks_example_and_each_form_adds_options) {
  for (const Form form : forms) {
    ExampleChoices choices;
    if (form == Form::variable_lengths) choices.lengths = {2, 1, 0, 2};
    check_same(read(form, {}), make_example(choices));
    const bool any_length = form != Form::two_steps, lengths = form == Form::variable_lengths;
    BOOST_TEST((error(form, {"--steps", "3"}) == "no error") == any_length);
    BOOST_TEST((error(form, {"--cell", "gru"}) == "no error") == any_length);
    BOOST_TEST((error(form, {"--activation", "relu"}) == "no error") == any_length);
    BOOST_TEST((error(form, {"--lengths", "1,1,1,1"}) == "no error") == lengths);
  }
}

BOOST_AUTO_TEST_CASE(what_is_chosen_is_what_the_example_has) {
  for (const Form form : forms) {
    ExampleChoices choices{.seed = 0, .neurons = 256, .initial_state = {Real(0.5)}};
    if (form == Form::variable_lengths) choices.lengths = {2, 1, 0, 2};
    check_same(read(form, {"--seed=0", "--neurons=256", "--initial-state=0.5"}), make_example(choices));
  }
  check_same(read(Form::two_steps, {"--seed=4294967295", "--neurons=1", "--initial-state=7"}),
             make_example({.seed = 4294967295, .neurons = 1, .initial_state = {7}}));
  check_same(read(Form::two_steps, {"--neurons=3", "--initial-state=1, -2,  3e1"}),
             make_example({.neurons = 3, .initial_state = {1, -2, 30}}));
  check_same(read(Form::any_length, {"--cell=lstm", "--neurons=1", "--steps=0", "--initial-state=1,2"}),
             make_example({.cell = "lstm", .neurons = 1, .steps = 0, .initial_state = {1, 2}}));
  check_same(read(Form::any_length, {"--steps=9", "--activation=relu"}),
             make_example({.steps = 9, .activation = Activation::relu}));
  check_same(read(Form::variable_lengths, {"--steps=9"}), make_example({.steps = 9, .lengths = {9, 4, 0, 9}}));
  check_same(read(Form::variable_lengths, {"--steps=9", "--lengths=9,0, 1,2"}),
             make_example({.steps = 9, .lengths = {9, 0, 1, 2}}));
  for (const std::string& name : cell_names()) {
    BOOST_TEST(read(Form::any_length, {"--cell", name}).cell == name);
    BOOST_TEST(error(Form::any_length, {"--cell", name, "--activation", "relu"}) ==
               (name == "rnn" ? "no error" : "--activation: the " + name + " supports only tanh"));
    BOOST_TEST(error(Form::any_length, {"--cell", name, "--activation", "tanh"}) == "no error");
  }
}

BOOST_AUTO_TEST_CASE(numbers_out_of_bounds_are_refused) {
  for (const char* seed : {"-1", "4294967296"}) {
    BOOST_TEST(error(Form::two_steps, {"--seed", seed}).starts_with("--seed: expected a whole number from 0 to "));
  }
  for (const char* neurons : {"0", "257"}) {
    BOOST_TEST(error(Form::two_steps, {"--neurons", neurons}) ==
               "--neurons: expected a whole number from 1 to 256, got \"" + std::string(neurons) + '"');
  }
  BOOST_TEST(error(Form::any_length, {"--steps", "10001"}) ==
             "--steps: expected a whole number from 0 to 10000, got \"10001\"");
}

BOOST_AUTO_TEST_CASE(a_state_is_one_number_or_one_for_each_of_the_carry_and_all_are_finite) {
  const auto answer = [](const std::string& text, const Arguments& more = {}) {
    Arguments arguments{"--neurons=2", "--initial-state", text};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return error(Form::any_length, arguments);
  };
  const auto expected = [](const std::string& number, const std::string& text, const std::string& why = "") {
    return "--initial-state: expected one number, or " + number + " with commas between them, got \"" + text + '"' +
           why;
  };
  for (const char* text : {"1,2,3", "x", "1,", ",1", "1,,2", " 1", "1 ", "1, ", "nan", "inf", "1,inf", "+1"}) {
    BOOST_TEST(answer(text) == expected("2", text));
  }
  for (const char* text : {"1e39", "1,-1e39", "1e-60"}) {
    BOOST_TEST(answer(text) == expected("2", text, ", which a float cannot hold"));
  }
  BOOST_TEST(answer("1,2,3", {"--cell=lstm"}) == expected("4 (h, then c)", "1,2,3"));
  BOOST_TEST(answer("1,2", {"--cell=lstm"}) == expected("4 (h, then c)", "1,2"));
  BOOST_TEST(answer("1,2,3", {"--cell=gru"}) == expected("2", "1,2,3"));
  const std::string long_text(1000, '1');
  BOOST_TEST(answer("x" + long_text) == expected("2", "x" + long_text.substr(0, 59)));
  BOOST_TEST(error(Form::variable_lengths, {"--lengths", "x" + long_text})
                 .ends_with("got \"x" + long_text.substr(0, 59) + '"'));
}

BOOST_AUTO_TEST_CASE(lengths_are_four_whole_numbers_up_to_the_number_of_steps) {
  for (const char* text : {"3,2,2,2", "2,2,2", "2,2,2,2,2", "-1,2,2,2", "1,2,2,x", "1,2,2,", "2", "1.5,2,2,2"}) {
    BOOST_TEST(error(Form::variable_lengths, {"--lengths", text}) ==
               "--lengths: expected 4 whole numbers from 0 to 2 with commas between them, got \"" + std::string(text) +
                   '"');
  }
  BOOST_TEST(error(Form::variable_lengths, {"--lengths", "2,2,2,2"}) == "no error");
  BOOST_TEST(error(Form::variable_lengths, {"--lengths", "3,2,2,2", "--steps=3"}) == "no error");
}

BOOST_AUTO_TEST_CASE(a_recorded_case_leaves_nothing_to_be_chosen) {
  const std::string file = recorded("notebook/variable.json");
  for (const char* option : {"--seed=1", "--neurons=5", "--initial-state=0", "--steps=2", "--cell=rnn",
                             "--activation=tanh", "--lengths=1,1,1,1"}) {
    const std::string name(option, std::string(option).find('='));
    BOOST_TEST(error(Form::variable_lengths, {option, "--replay", file}) ==
               name + ": cannot be given together with --replay");
  }
  check_same(read(Form::variable_lengths, {"--replay", file}), example_of(read_case(file)));
}

BOOST_AUTO_TEST_CASE(each_form_has_cases_that_it_can_compute) {
  const Folder folder;
  const auto answer = [&](Form form, const std::string& text) {
    const std::string file = folder.file("case", text), said = error(form, {"--replay", file});
    return said == "no error" ? said : said.substr(file.size() + 2);
  };
  const std::string lengths = ",\"lengths\":[1]", state = ",\"initial_state\":[[1]]";
  const std::string cell_state = ",\"expected\":{\"cell_state\":[[1]]}", computed = ",\"expected\":{\"state\":[[1]]}";
  const std::string unknown_key = "expected none: the chapter cannot run such a case, found this key";
  BOOST_TEST(answer(Form::two_steps, one_number(2, state + computed)) == "no error");
  BOOST_TEST(answer(Form::two_steps, one_number(3, "")) == "inputs: expected 2 time steps, found 3");
  BOOST_TEST(answer(Form::any_length, one_number(3, state + computed)) == "no error");
  BOOST_TEST(answer(Form::any_length, one_number(2, lengths)) == "lengths: " + unknown_key);
  BOOST_TEST(answer(Form::variable_lengths, one_number(3, lengths + state + computed)) == "no error");
  BOOST_TEST(answer(Form::variable_lengths, one_number(3, "")) ==
             "lengths: expected this key, which the chapter needs, found none");
  BOOST_TEST(answer(Form::two_steps, one_number(2, ",\"labels\":[0]")) != "no error");

  for (const char* name : {"pytorch_gated/lstm_forward_0.json", "pytorch_gated/gru_forward_0.json"}) {
    BOOST_TEST(error(Form::any_length, {"--replay", recorded(name)}) == "no error", name);
    BOOST_TEST(error(Form::two_steps, {"--replay", recorded(name)}).find("cell: expected rnn, the only kind") !=
               std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(at_the_end_there_is_json_or_a_comparison_or_nothing) {
  const Folder folder;
  const std::string file =
      folder.file("case", one_number(2, ",\"expected\":{\"state\":[[3]]},\"initial_state\":[[0]]"));
  Sequence outputs(2, 1, 1);
  outputs(0, 0, 0) = 2, outputs(1, 0, 0) = 3;
  const Matrix state(1, 1, Real(3)), other(1, 1, Real(4));
  const auto finish = [&](const Arguments& arguments, const Sequence& computed, const Matrix& carry) {
    Chapter chapter(Form::any_length);
    chapter.read(arguments);
    BOOST_TEST(chapter.chosen.for_a_person() == (arguments.empty() || arguments.back() != "--json"));
    return chapter.finish(computed, carry);
  };
  BOOST_TEST(finish({}, outputs, state) == "0");
  BOOST_TEST(finish({"--json"}, outputs, state) == "{\"outputs\":[[[2],[3]]],\"state\":[[3]]}\n0");
  BOOST_TEST(finish({"--replay", file, "--json"}, outputs, state) == "{\"state\":[[3]]}\n0");
  BOOST_TEST(finish({"--replay", file, "--json"}, outputs, other) == "{\"state\":[[4]]}\n1");
  const std::string comparison = finish({"--replay", file}, outputs, state);
  BOOST_TEST(comparison.starts_with("\nCompared with " + file));
  BOOST_TEST(comparison.ends_with("recorded 3\n0"));
  BOOST_TEST(finish({"--replay", file}, outputs, other).ends_with("recorded 3\n1"));
  Matrix both(1, 2, Real(3));
  both(0, 1) = 5;
  BOOST_TEST(finish({"--json"}, outputs, both) == "{\"outputs\":[[[2],[3]]],\"state\":[[3]],\"cell_state\":[[5]]}\n0");
}
