#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "../support/program.hpp"

import rnn.base.error;
import rnn.cases.recorded_case;
import rnn.linalg.matrix;

using namespace rnn;

namespace {

// The JSON of these tests is written with ' in place of ": far easier to read within C++.
std::string json(std::string text) {
  std::ranges::replace(text, '\'', '"');
  return text;
}

Case parse(const std::string& text) { return parse_case(json(text), "a.json"); }

// 2 examples, 3 steps, 1 feature, 2 neurons, 3 classes.
const std::string inputs = "'inputs':[[[1],[2],[3]],[[4],[5],[6]]]";
const std::string head = ",'w_out':[[1,2,3],[4,5,6]],'b_out':[0,0,0]";
std::string weights(const std::string& more = "") {
  return "'weights':{'w_x':[[0.5,-0.5]],'w_y':[[1,2],[3,4]],'b':[0.25,-0.25]" + more + "}";
}
std::string file(const std::string& more = "") { return "{" + inputs + "," + weights() + more + "}"; }
std::string file_with_head(const std::string& more = "") { return "{" + inputs + "," + weights(head) + more + "}"; }
std::string training(const std::string& batches, const std::string& more = "") {
  return "{" + weights(head) + ",'batches':" + batches + more + "}";
}

std::string error(const std::string& text) {
  try {
    parse(text);
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

std::string kind_error(const std::string& text, const CaseKind& kind) {
  const Case recorded = parse(text);
  try {
    require_kind(recorded, kind);
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

/// The message must be "a.json: " and this, whole or, with "…" at its end, its beginning.
void check_error(const std::string& text, std::string message) {
  const std::string found = error(text);
  message = "a.json: " + json(message);
  const bool beginning = message.ends_with("…");
  if (beginning) message.resize(message.size() - std::string("…").size());
  BOOST_TEST((beginning ? found.starts_with(message) : found == message),
             text.substr(0, 300) << "\n  expected " << message << "\n  found    " << found);
  BOOST_TEST(found.find('\n') == std::string::npos);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_case_is_read_time_first) {
  const Case recorded =
      parse(file_with_head(",'source':'a notebook','initial_state':[[1,2],[3,4]],'lengths':[0,3],'labels':[2,0],"
                           "'learning_rate':0.5,'tolerance':1e-6"));
  BOOST_TEST(recorded.inputs->steps() == 3u);
  BOOST_TEST(recorded.inputs->batch() == 2u);
  BOOST_TEST((*recorded.inputs)(2, 0, 0) == Real(3));
  BOOST_TEST((*recorded.inputs)(0, 1, 0) == Real(4));
  BOOST_TEST(shape(recorded.weights["w_x"]) == "1x2");
  BOOST_TEST(recorded.weights["w_y"](1, 0) == Real(3));
  BOOST_TEST(shape(recorded.weights["b"]) == "1x2");
  BOOST_TEST(recorded.weights["w_out"](0, 2) == Real(3));
  BOOST_TEST(shape(recorded.weights["b_out"]) == "1x3");
  BOOST_TEST((*recorded.initial_state)(1, 0) == Real(3));
  BOOST_TEST(*recorded.lengths == (std::vector<Index>{0, 3}));
  BOOST_TEST(*recorded.labels == (std::vector<Index>{2, 0}));
  BOOST_TEST(*recorded.learning_rate == Real(0.5));
  BOOST_TEST(recorded.tolerance == Real(1e-6));
  BOOST_TEST(recorded.source == "a notebook");
}

BOOST_AUTO_TEST_CASE(the_tolerance_is_1e_5_and_all_else_is_absent_unless_given) {
  const Case recorded = parse(file());
  BOOST_TEST(recorded.tolerance == Real(1e-5));
  BOOST_TEST(!recorded.lengths);
  BOOST_TEST(!recorded.labels);
  BOOST_TEST(!recorded.initial_state);
  BOOST_TEST(!recorded.weights.has("w_out"));
  BOOST_TEST(recorded.batches.empty());
  BOOST_TEST(recorded.expected.empty());
}

BOOST_AUTO_TEST_CASE(a_tolerance_may_be_0) { BOOST_TEST(parse(file(",'tolerance':0")).tolerance == Real(0)); }

BOOST_AUTO_TEST_CASE(a_training_case_has_batches) {
  const Case recorded =
      parse(training("[{'inputs':[[[1]]],'labels':[2]},{'inputs':[[[1],[2]],[[3],[4]]],'labels':[0,1],"
                     "'lengths':[1,2]}]",
                     ",'expected':{'losses':[0.5,0.25],'weights':{'b':[1,2]}}"));
  BOOST_TEST(!recorded.inputs);
  BOOST_TEST(recorded.batches.size() == 2u);
  BOOST_TEST(recorded.batches[1].inputs(1, 0, 0) == Real(2));
  BOOST_TEST(*recorded.batches[1].lengths == (std::vector<Index>{1, 2}));
  BOOST_TEST(recorded.expected[0].first == "losses");
  BOOST_TEST(recorded.expected[1].first == "weights.b");
}

BOOST_AUTO_TEST_CASE(no_time_step_and_no_example_are_cases_too) {
  const Case no_step =
      parse("{'inputs':[[],[]]," + weights() + ",'expected':{'outputs':[[],[]],'state':[[0,0],[0,0]]}}");
  BOOST_TEST(no_step.inputs->steps() == 0u);
  BOOST_TEST(no_step.inputs->batch() == 2u);
  BOOST_TEST(no_step.inputs->features() == 1u);
  const Case nobody = parse("{'inputs':[]," + weights() + ",'lengths':[],'initial_state':[]}");
  BOOST_TEST(nobody.inputs->batch() == 0u);
  BOOST_TEST(nobody.inputs->features() == 1u);
  BOOST_TEST(shape(*nobody.initial_state) == "0x2");
}

BOOST_AUTO_TEST_CASE(every_number_is_rounded_once) {
  const auto bias = [](const std::string& digits) {
    return parse("{'inputs':[],'weights':{'w_x':[[0]],'w_y':[[0]],'b':[" + digits + "]}}").weights["b"](0, 0);
  };
  for (const char* digits : {"0.1", "2.2250738585072011e-308", "0.78470122814177416789", "9007199254740993", "1e-400",
                             "123456789012345678901234567890", "3.4028235e38"}) {
    BOOST_TEST(bias(digits) == static_cast<Real>(std::strtod(digits, nullptr)), digits);
  }
  BOOST_TEST(std::signbit(bias("-0")));
}

BOOST_AUTO_TEST_CASE(what_is_not_json_is_refused_with_its_place) {
  check_error("", "expected JSON, found an empty file");
  check_error(" \n", "expected JSON, found an empty file");
  check_error("{", "line 1 column 2: expected JSON, found the end of the text in the middle of a value");
  check_error(file() + " x", "line 1 column …");
  check_error(file() + file(), "line 1 column …");
  check_error("{\n 'inputs': NaN}", "line 2 column 12: expected JSON, found 'NaN}'");
  check_error("{'tolerance':Infinity}", "line 1 column …");
  check_error("{'tolerance':1e999}", "line 1 column 19: expected JSON, found the number 1e999, which is too large");
  check_error("{'tolerance':1e99999999999}", "line 1 column …");
  check_error("{'tolerance':01}", "line 1 column …");
  check_error("{'tolerance':1,}", "line 1 column …");
  check_error("{'a\\u0000':1}", "expected only the keys …");
  check_error(std::string(100000, '['), "line 1 column 33: expected JSON, found more than 32 levels of nesting");
  check_error("\xff\xfe", "line 1 column 1: …");
  check_error(std::string("\0\0\0\0", 4), "line 1 column 1: …");
}

BOOST_AUTO_TEST_CASE(a_key_that_stands_twice_or_is_unknown_is_refused) {
  check_error("{" + inputs + "," + inputs + "," + weights() + "}", "line 1 column …");
  BOOST_TEST(error("{" + inputs + "," + inputs + "}").find("the key \"inputs\" twice") != std::string::npos);
  check_error(
      "{'Inputs':1}",
      "expected only the keys inputs, cell, weights, source, initial_state, initial_cell_state, lengths, labels, "
      "learning_rate, batches, tolerance, expected, found the key 'Inputs'");
  check_error("{" + inputs + "," + weights(",'w':1") + "}",
              "weights: expected only the keys w_x, w_y, b, w_out, b_out, found the key 'w'");
  check_error(file(",'expected':{'output':1}"), "expected: expected only the keys outputs, …");
  check_error(file_with_head(",'expected':{'gradients':{'x':1}}"), "expected.gradients: expected only the keys …");
  check_error(training("[{'inputs':[],'labels':[],'x':1}]"), "batches[0]: expected only the keys …");
}

BOOST_AUTO_TEST_CASE(a_value_of_the_wrong_type_is_refused) {
  check_error("[]", "expected an object, found a list of 0");
  check_error("{'weights':3}", "weights: expected an object, found the number 3");
  check_error("{" + inputs + "}", "weights: expected this key, found none");
  check_error("{'weights':{'w_x':[[1]],'w_y':[[1]]}}", "weights.b: expected this key, found none");
  check_error("{" + weights() + "}", "inputs: expected inputs or batches, found neither");
  check_error(file(",'source':1"), "source: expected a text, found the number 1");
  check_error(file(",'tolerance':'1'"), "tolerance: expected a number, found the text '1'");
  check_error(file(",'tolerance':-1"), "tolerance: expected 0 or more, found the number -1");
  check_error(file(",'learning_rate':0"), "learning_rate: expected a number above 0, found the number 0");
  check_error(file(",'lengths':null"), "lengths: expected a list, found null");
  check_error(file(",'lengths':[1,true]"), "lengths[1]: expected a whole number from 0 to 3, found true");
  check_error("{'inputs':[[[1],[{}]]]," + weights() + "}", "inputs[0][1][0]: expected a number, found an object");
  check_error("{'inputs':[[1]]," + weights() + "}", "inputs[0][0]: expected a list, found the number 1");
}

BOOST_AUTO_TEST_CASE(shapes_that_do_not_fit_each_other_are_refused) {
  const auto with_weights = [](const std::string& text) { return "{" + inputs + ",'weights':{" + text + "}}"; };
  check_error(with_weights("'w_x':[[1,2]],'w_y':[[1,2]],'b':[1,2]"),
              "weights.w_y: expected a list of 2, found a list of 1");
  check_error(with_weights("'w_x':[[1,2]],'w_y':[[1,2],[1]],'b':[1,2]"),
              "weights.w_y[1]: expected a list of 2, found a list of 1");
  check_error(with_weights("'w_x':[[1,2]],'w_y':[[1,2],[1,2]],'b':[[1,2]]"), "weights.b: expected a list of 2, …");
  check_error(with_weights("'w_x':[],'w_y':[],'b':[]"), "weights.w_x: expected at least one row …");
  check_error(with_weights("'w_x':[[]],'w_y':[],'b':[]"), "weights.w_x: expected at least one row …");
  check_error(with_weights("'w_x':[[1,2],[1,2]],'w_y':[[1,2],[1,2]],'b':[1,2]"),
              "inputs[0][0]: expected a list of 2, found a list of 1");
  check_error("{'inputs':[[[1],[2]],[[1]]]," + weights() + "}", "inputs[1]: expected a list of 2, found a list of 1");
  check_error("{'inputs':[[[1],[2,3]]]," + weights() + "}", "inputs[0][1]: expected a list of 1, found a list of 2");
  check_error("{" + inputs + "," + weights(",'w_out':[[1]],'b_out':[1]") + "}", "weights.w_out: expected a list of 2…");
  check_error("{" + inputs + "," + weights(",'w_out':[[],[]],'b_out':[]") + "}",
              "weights.w_out: expected at least one column, found a list of 2");
  check_error("{" + inputs + "," + weights(",'w_out':[[1],[1]]") + "}", "weights.b_out: expected this key, found none");
  check_error("{" + inputs + "," + weights(",'b_out':[1]") + "}", "weights.w_out: expected this key, found none");
  check_error(file(",'initial_state':[[1,2]]"), "initial_state: expected a list of 2, found a list of 1");
  check_error(file(",'lengths':[1]"), "lengths: expected a list of 2, found a list of 1");
  check_error(file(",'lengths':[1,4]"), "lengths[1]: expected a whole number from 0 to 3, found the number 4");
  check_error(file(",'lengths':[1,-1]"), "lengths[1]: expected a whole number …");
  check_error(file(",'lengths':[1,1.5]"), "lengths[1]: expected a whole number …");
  check_error(file(",'labels':[0,0]"), "labels: expected weights.w_out, which the labels need, found none");
  check_error(file_with_head(",'labels':[0,3]"), "labels[1]: expected a whole number from 0 to 2, found the number 3");
  check_error(file_with_head(",'labels':[0]"), "labels: expected a list of 2, found a list of 1");
  check_error(file(",'expected':{'state':[[1,2]]}"), "expected.state: expected a list of 2, found a list of 1");
  check_error(file(",'expected':{'logits':[[1]]}"), "expected.logits: expected weights.w_out beside it, found none");
  check_error(file_with_head(",'expected':{'logits':[[1,2,3]]}"),
              "expected.logits: expected a list of 2, found a list …");
  check_error(file_with_head(",'expected':{'logits':[[1,2],[1,2]]}"),
              "expected.logits[0]: expected a list of 3, found …");
  check_error(file(",'expected':{'gradients':{'b_out':[1]}}"), "expected.gradients.b_out: expected weights.w_out …");
  check_error(file(",'expected':{'loss':[1]}"), "expected.loss: expected a number, found a list of 1");
  check_error(file(",'expected':{'losses':[1]}"), "expected.losses: expected batches beside it, found none");
  check_error(training("[]"), "batches: expected at least one, found a list of 0");
  check_error(training("[{'inputs':[],'labels':[]}]", "," + inputs), "batches: expected either inputs or batches…");
  check_error(training("[{'inputs':[[[1]]],'labels':[0,0]}]"), "batches[0].labels: expected a list of 1, …");
  check_error(training("[{'inputs':[[[1]]],'labels':[0],'lengths':[2]}]"),
              "batches[0].lengths[0]: expected a whole number from 0 to 1, found the number 2");
  check_error(training("[{'inputs':[],'labels':[]}]", ",'lengths':[]"), "inputs: expected this key beside lengths…");
  check_error(training("[{'inputs':[],'labels':[]}]", ",'expected':{'state':[]}"),
              "expected.state: expected inputs beside it, found none");
}

BOOST_AUTO_TEST_CASE(a_number_beyond_the_type_is_refused) {
  const std::string text = "{'inputs':[[[1e300]]]," + weights() + "}";
  if constexpr (std::is_same_v<Real, float>) {
    check_error(text, "inputs[0][0][0]: expected at most 3.4028235e+38, found the number 1e+300");
  } else {
    BOOST_TEST(error(text) == "no error");
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_is_named) {
  const auto read_error = [](const std::string& path) -> std::string {
    try {
      read_case(path);
    } catch (const FileError& error) {
      return error.what();
    }
    return "no error";
  };
  BOOST_TEST(read_error("none.json") == "none.json: cannot be opened: No such file or directory");
  BOOST_TEST(read_error("/") == "/: cannot be read: Is a directory");
  BOOST_TEST(read_error("/dev/null") == "/dev/null: expected JSON, found an empty file");
  BOOST_TEST(read_error("/dev/zero") == "/dev/zero: expected at most 4194304 bytes, found more");
}

// ---- gated cells ----

std::string gated(const std::string& cell, const std::string& weights, const std::string& more = "") {
  return "{'cell':'" + cell + "','inputs':[[[1]]],'weights':{" + weights + "}" + more + "}";
}
static const std::string gru_weights = "'w_x':[[1,2,3]],'w_y':[[4,5,6]],'b':[7,8,9],'b_y':[10]";
static const std::string lstm_weights = "'w_x':[[1,2,3,4]],'w_y':[[5,6,7,8]],'b':[9,10,11,12]";

BOOST_AUTO_TEST_CASE(a_case_may_name_its_cell) {
  BOOST_TEST(parse("{'inputs':[[[1]]],'weights':{'w_x':[[1]],'w_y':[[1]],'b':[1]}}").cell == "rnn");
  const Case gru = parse(gated("gru", gru_weights));
  BOOST_TEST(gru.cell == "gru");
  BOOST_TEST(gru.weights["b_y"](0, 0) == Real(10));
  BOOST_TEST(shape(gru.weights["w_y"]) == "1x3");
  const Case lstm = parse(gated("lstm", lstm_weights, ",'initial_cell_state':[[0.5]],'expected':{'cell_state':[[1]]}"));
  BOOST_TEST(shape(*lstm.initial_state) == "1x2");
  BOOST_TEST((*lstm.initial_state)(0, 0) == Real(0));  // the state was not given
  BOOST_TEST((*lstm.initial_state)(0, 1) == Real(0.5));
  BOOST_TEST(lstm.expected[0].first == "cell_state");
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_a_cell_is_refused) {
  check_error(gated("elman", gru_weights), "cell: expected rnn or gru or lstm, found the text 'elman'");
  check_error("{'cell':3,'inputs':[[[1]]]}", "cell: expected rnn or gru or lstm, found the number 3");
  check_error(gated("gru", "'w_x':[[1,2,3,4]],'w_y':[[4,5,6]],'b':[7,8,9],'b_y':[10]"),
              "weights.w_x[0]: expected a list of 3 numbers for each neuron, found a list of 4");
  check_error(gated("gru", "'w_x':[[1,2,3]],'w_y':[[4,5,6]],'b':[7,8,9]"),
              "weights.b_y: expected this key, found none");
  check_error(gated("lstm", lstm_weights + ",'b_y':[1]"),
              "weights: expected only the keys w_x, w_y, b, w_out, b_out, found the key 'b_y'");
  check_error(gated("gru", gru_weights, ",'initial_cell_state':[[1]]"),
              "initial_cell_state: expected none: the gru has no cell state, found this key");
  check_error(gated("gru", gru_weights, ",'expected':{'cell_state':[[1]]}"),
              "expected.cell_state: expected none: the gru has no cell state, found this key");
}

BOOST_AUTO_TEST_CASE(a_chapter_may_compute_one_kind_of_cell_only) {
  const CaseKind basic{.needs = {"inputs"}, .accepts = {}, .computes = {}, .steps = {}, .cells = {"rnn"}};
  BOOST_CHECK_EXCEPTION(require_kind(parse(gated("gru", gru_weights)), basic), FileError, [](const FileError& error) {
    BOOST_TEST(error.what() ==
               std::string("a.json: cell: expected rnn, the only kind the chapter computes, found gru"));
    return true;
  });
}

BOOST_AUTO_TEST_CASE(every_recorded_case_is_of_a_kind_that_a_chapter_runs) {
  CaseKind forward{{"inputs"}, {"lengths", "initial_state"}, {"outputs", "state", "cell_state"}, {}};
  CaseKind gradient{{"inputs", "labels", "weights.w_out"}, {"lengths"}, {"logits", "loss", "gradients.*"}, {}};
  const CaseKind steps{{"batches", "learning_rate", "weights.w_out"}, {}, {"losses", "weights.*"}, {}};
  int read = 0;
  const std::filesystem::path data = testing::from_environment("RECORDED_CASES");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data)) {
    if (entry.path().extension() != ".json") continue;
    BOOST_TEST_CONTEXT(entry.path()) {
      const Case recorded = read_case(entry.path());
      BOOST_CHECK_NO_THROW(require_kind(recorded, !recorded.batches.empty() ? steps
                                                  : recorded.labels         ? gradient
                                                                            : forward));
      BOOST_TEST(!recorded.expected.empty());
    }
    ++read;
  }
  BOOST_TEST(read >= 19);
}

BOOST_AUTO_TEST_CASE(a_damaged_file_is_read_or_refused_but_never_more) {
  const std::string whole =
      json(file_with_head(",'lengths':[0,3],'labels':[2,0],'tolerance':1e-6,"
                          "'expected':{'state':[[1,2],[3,4]],'gradients':{'b':[1,2]}}"));
  boost::random::mt19937 engine(1);
  const std::string_view letters = "{}[]\",:-+.eE019 \t\n\\unltrf\0\xff";
  boost::random::uniform_int_distribution<std::size_t> place(0, whole.size() - 1), letter(0, letters.size() - 1);
  int refused = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string damaged = whole;
    for (int k = 0; k <= round % 3; ++k) damaged[place(engine)] = letters[letter(engine)];
    if (round % 4 == 0) damaged.erase(place(engine), 1 + place(engine) / 4);
    try {
      parse_case(damaged, "a.json");
    } catch (const FileError&) {
      ++refused;
    }
  }
  BOOST_TEST(refused > 1000);
}

BOOST_AUTO_TEST_CASE(a_kind_of_case_that_a_chapter_cannot_run_is_refused) {
  const CaseKind forward{{"inputs"}, {"initial_state"}, {"outputs", "state"}, {}};
  BOOST_TEST(kind_error(file(), forward) == "no error");
  BOOST_TEST(kind_error(file(",'initial_state':[[1,2],[3,4]]"), forward) == "no error");
  const CaseKind without_state{{"inputs"}, {}, {"outputs", "state"}, {}};
  BOOST_TEST(kind_error(file(",'initial_state':[[1,2],[3,4]]"), without_state) ==
             "a.json: initial_state: expected none: the chapter cannot run such a case, found this key");
  const CaseKind learning{{"batches"}, {"weights.w_out"}, {"losses"}, {}};
  BOOST_TEST(kind_error(training("[{'inputs':[[[1]]],'labels':[0]}]"), learning) == "no error");
  BOOST_TEST(kind_error(training("[{'inputs':[[[1]]],'labels':[0],'lengths':[1]}]"), learning) ==
             "a.json: batches.lengths: expected none: the chapter cannot run such a case, found this key");
  BOOST_TEST(kind_error(file(",'lengths':[1,2]"), forward) ==
             "a.json: lengths: expected none: the chapter cannot run such a case, found this key");
  BOOST_TEST(kind_error(file_with_head(), forward).starts_with("a.json: weights.w_out: expected none"));
  BOOST_TEST(kind_error(file(",'expected':{'loss':1}"), forward) ==
             "a.json: expected.loss: expected only what the chapter computes (outputs, state), found this key");
  BOOST_TEST(
      kind_error(file(",'expected':{'state':[[1,2],[3,4]],'loss':1}"), forward).starts_with("a.json: expected.loss:"));
  BOOST_TEST(kind_error(training("[{'inputs':[],'labels':[]}]"), forward) ==
             "a.json: inputs: expected this key, which the chapter needs, found none");
  CaseKind two_steps = forward;
  two_steps.steps = 2;
  BOOST_TEST(kind_error(file(), two_steps) == "a.json: inputs: expected 2 time steps, found 3");
}

namespace {

const std::string outputs = "[[[1,2],[3,4],[5,6]],[[7,8],[9,10],[11,12]]]";

Sequence computed_outputs() {
  Sequence y(3, 2, 2);
  Real next = 1;
  for (Index i = 0; i < 2; ++i)
    for (Index t = 0; t < 3; ++t)
      for (Index j = 0; j < 2; ++j) y(t, i, j) = next++;
  return y;
}

std::pair<std::string, int> finish(const Replay& replay, bool json = false) {
  std::ostringstream out;
  const int status = replay.finish(out, json);
  return {out.str(), status};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_replay_that_agrees_ends_with_0) {
  const Case recorded = parse(file(",'expected':{'outputs':" + outputs + "},'source':'by hand'"));
  Replay replay(recorded);
  replay.add("outputs", computed_outputs());
  const auto [text, status] = finish(replay);
  BOOST_TEST(status == 0);
  BOOST_TEST(text.starts_with("Compared with a.json (by hand), tolerance 1e-05\n"));
  BOOST_TEST(text.find("agrees") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(only_what_a_case_may_expect_can_be_added_once) {
  const Case recorded = parse(file());
  Replay replay(recorded);
  const auto answer = [&](const std::string& key) -> std::string {
    try {
      replay.add(key, ConstView(Matrix(1, 2, Real(0))));
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "added";
  };
  for (const std::string key : {"outputs", "state", "cell_state", "logits", "loss", "losses", "weights.w_x",
                                "weights.b", "weights.w_out", "gradients.w_y", "gradients.b_y", "gradients.b_out"}) {
    BOOST_TEST(answer(key) == "added", key);
    BOOST_TEST(answer(key) == "Replay: " + key + " was already added");
  }
  for (const std::string key : {"", "w_x", "weights", "weights.", "weights.x", "other.w_x", "loss.w_x", ".state"}) {
    BOOST_TEST(answer(key) == "Replay: a case has no key " + key);
  }
}

BOOST_AUTO_TEST_CASE(a_difference_is_shown_with_its_place_and_ends_with_1) {
  const Case recorded = parse(file(",'expected':{'outputs':" + outputs + "}"));
  Sequence y = computed_outputs();
  y(2, 1, 0) += Real(0.5);
  Replay replay(recorded);
  replay.add("outputs", y);
  const auto [text, status] = finish(replay);
  BOOST_TEST(status == 1);
  BOOST_TEST(text.find("DIFFERS") != std::string::npos);
  BOOST_TEST(text.find("5.0e-01 at outputs[1][2][0]: computed 11.5, recorded 11") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(shown_is_the_value_that_is_furthest_by_its_tolerance) {
  const Case recorded = parse(file(",'expected':{'state':[[0,1.75],[0,0]]}"));
  Matrix state(2, 2, Real(0));
  state(0, 0) = Real(0.125);   // 0.125 of 1
  state(0, 1) = Real(1.9375);  // 0.1875 of 1.75: more, but less of what is allowed
  Replay replay(recorded);
  replay.add("state", state);
  const std::string text = finish(replay).first;
  BOOST_TEST(text.find(" at state[0][0]: computed 0.125, recorded 0") != std::string::npos, text);
  const Case of_sizes = parse(file(",'expected':{'state':[[0.0078125,4],[2,0]]}"));
  const auto shown = [&](Real other) {
    Matrix computed(2, 2, Real(0));
    computed(0, 0) = Real(0.015625);  // twice as much: 0.0078125 of 1
    computed(0, 1) = Real(4.5);       // 0.125 of 4
    computed(1, 0) = other;
    Replay of_both(of_sizes);
    of_both.add("state", computed);
    return finish(of_both).first;
  };
  BOOST_TEST(shown(2).find(" at state[0][1]: computed 4.5, recorded 4") != std::string::npos, shown(2));
  // The first of several that are equally far.
  BOOST_TEST(shown(Real(1.75)).find(" at state[0][1]: computed 4.5, recorded 4") != std::string::npos,
             shown(Real(1.75)));
  const Real not_a_number = std::numeric_limits<Real>::quiet_NaN();
  BOOST_TEST(shown(not_a_number).find(" at state[1][0]: computed nan, recorded 2") != std::string::npos,
             shown(not_a_number));
}

BOOST_AUTO_TEST_CASE(a_value_agrees_within_the_tolerance_of_its_size_and_nan_never_does) {
  const Case recorded = parse(file(",'tolerance':0.125,'expected':{'state':[[0.5,8],[0,-8]]}"));
  const auto status = [&](Real a, Real b) {
    Matrix state(2, 2, Real(0));
    state(0, 0) = a;
    state(0, 1) = b;
    state(1, 1) = -8;
    Replay replay(recorded);
    replay.add("state", state);
    return finish(replay).second;
  };
  BOOST_TEST(status(Real(0.625), 9) == 0);
  BOOST_TEST(status(Real(0.375), 7) == 0);
  BOOST_TEST(status(Real(0.6251), 8) == 1);
  BOOST_TEST(status(Real(0.5), Real(9.001)) == 1);
  BOOST_TEST(status(std::numeric_limits<Real>::quiet_NaN(), 8) == 1);
  BOOST_TEST(status(std::numeric_limits<Real>::infinity(), 8) == 1);
}

BOOST_AUTO_TEST_CASE(no_numbers_at_all_agree) {
  const Case recorded =
      parse("{'inputs':[[],[]]," + weights() + ",'expected':{'outputs':[[],[]],'state':[[0,0],[0,0]]}}");
  Replay replay(recorded);
  replay.add("outputs", Sequence(0, 2, 2));
  replay.add("state", Matrix(2, 2, Real(0)));
  const auto [text, status] = finish(replay);
  BOOST_TEST(text.find("  outputs          agrees  (no numbers)\n  state            agrees ") != std::string::npos,
             text);
  BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_CASE(json_holds_what_was_expected_in_the_shape_of_the_file) {
  const Case recorded =
      parse(file_with_head(",'labels':[0,0],'expected':{'loss':0.5,'gradients':{'w_x':[[0,0]],'b_out':[0,0,0]}}"));
  Replay replay(recorded);
  replay.add("outputs", computed_outputs());  // not expected, so not printed
  replay.add("gradients.w_x", Matrix(1, 2, Real(0.1)));
  replay.add("loss", std::numeric_limits<Real>::quiet_NaN());
  replay.add("gradients.b_out", Matrix(1, 3, Real(-2)));
  const auto [text, status] = finish(replay, true);
  BOOST_TEST(text == json("{'gradients':{'w_x':[[0.1,0.1]],'b_out':[-2,-2,-2]},'loss':null}\n"));
  BOOST_TEST(status == 1);
}

BOOST_AUTO_TEST_CASE(json_holds_all_that_was_computed_when_nothing_is_expected) {
  const Case recorded = parse(file());
  Replay replay(recorded);
  replay.add("outputs", computed_outputs());
  replay.add("state", Matrix(2, 2, Real(0)));
  const auto [text, status] = finish(replay, true);
  BOOST_TEST(text == json("{'outputs':" + outputs + ",'state':[[0,0],[0,0]]}\n"));
  BOOST_TEST(status == 0);
  BOOST_TEST(finish(replay).first == "a.json: nothing is expected, so nothing is compared\n");
}

BOOST_AUTO_TEST_CASE(json_numbers_read_back_as_the_same_numbers) {
  const Case recorded = parse(file());
  const std::vector<Real> numbers{Real(1) / 3,
                                  std::numeric_limits<Real>::min(),
                                  std::numeric_limits<Real>::max(),
                                  std::numeric_limits<Real>::denorm_min(),
                                  Real(-1e-7),
                                  std::nextafter(Real(1), Real(2))};
  for (const Real number : numbers) {
    Replay replay(recorded);
    replay.add("loss", number);
    const std::string text = finish(replay, true).first;
    BOOST_TEST(static_cast<Real>(std::strtod(text.c_str() + text.find(':') + 1, nullptr)) == number, text);
  }
}

BOOST_AUTO_TEST_CASE(a_chapter_that_computes_something_else_than_it_says_is_wrong) {
  const Case recorded = parse(file(",'expected':{'state':[[1,2],[3,4]]}"));
  Replay replay(recorded);
  BOOST_CHECK_THROW(replay.add("state", Matrix(2, 3, Real(0))), std::invalid_argument);
  BOOST_CHECK_THROW(replay.add("stat", Matrix(2, 2, Real(0))), std::invalid_argument);
  BOOST_CHECK_THROW(replay.add("weights.b", Matrix(2, 2, Real(0))), std::invalid_argument);
  BOOST_CHECK_THROW(finish(replay), std::invalid_argument);
  replay.add("state", Matrix(2, 2, Real(0)));
  BOOST_CHECK_THROW(replay.add("state", Matrix(2, 2, Real(0))), std::invalid_argument);
  const Case of_two = parse(file(",'expected':{'state':[[1,2],[3,4]],'outputs':" + outputs + "}"));
  Replay second(of_two);
  BOOST_CHECK_THROW(second.add("outputs", Sequence(3, 2, 1)), std::invalid_argument);
}
