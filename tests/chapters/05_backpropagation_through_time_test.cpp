#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "../support/chapter.hpp"

using namespace rnn::testing;

namespace {

const Chapter& chapter() {
  static const Chapter chapter("BACKPROPAGATION_THROUGH_TIME");
  return chapter;
}

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The text after the first `words`, to the end of its line.
std::string after(const std::string& text, const std::string& words) {
  const auto at = text.find(words);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, "no \"" << words << "\" in " << text);
  return text.substr(at + words.size(), text.find('\n', at) - at - words.size());
}

std::vector<std::vector<double>> norms(Arguments arguments) {
  const Folder folder;
  arguments.insert(arguments.end(), {"--csv", folder / "norms.csv"});
  chapter().output(arguments);
  const std::string csv = folder.read("norms.csv");
  BOOST_TEST(csv.starts_with("t,linear x 0.5,linear x 1,linear x 2,tanh x 0.5,tanh x 1,tanh x 2,saturated x 0.5,"));
  return rows_of(csv);
}

}  // namespace

BOOST_AUTO_TEST_CASE(pytorchs_gradients_come_out_within_1e_9) {
  for (const char* name : {"gradient_0", "gradient_1", "gradient_2", "gradient_3"}) {
    const std::string path = recorded(std::string("pytorch/") + name + ".json");
    const std::string table = chapter().output({"--replay", path});
    for (const char* weights : {"w_x    ", "w_y    ", "b      ", "w_out  ", "b_out  "}) {
      BOOST_TEST(Chapter::contains(table, std::string("gradients.") + weights + "agrees"), table);
    }
    const Folder folder;
    const std::string strict = folder.file("strict.json", "{\"tolerance\":1e-9," + text_of(path).substr(1));
    BOOST_TEST(Chapter::contains(chapter().output({"--replay", strict}), "tolerance 1e-09"));
    const std::string json = chapter().json({"--replay", strict});
    BOOST_TEST(json.starts_with("{\"logits\":[["), json);
    BOOST_TEST(Chapter::contains(json, "\"gradients\":{\"w_x\":[["), json);
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_gradient_in_a_case_is_told) {
  const Folder folder;
  const std::string wrong = folder.file("wrong.json", R"({"inputs": [[[0]]], "labels": [0],
    "weights": {"w_x": [[1]], "w_y": [[1]], "b": [0], "w_out": [[1, 1]], "b_out": [0, 0]},
    "expected": {"gradients": {"b_out": [-0.5, 0.6]}}})");
  const std::string out = chapter().output({"--replay", wrong}, 1);
  BOOST_TEST(Chapter::contains(out, "gradients.b_out"), out);
}

BOOST_AUTO_TEST_CASE(a_case_that_expects_nothing_gets_everything) {
  const Folder folder;
  const std::string beginning = R"({"inputs": [[[0], [0]]], "labels": [0],
    "weights": {"w_x": [[1]], "w_y": [[1]], "b": [0], "w_out": [[1, 1]], "b_out": [0, 0]})";
  const std::string everything =
      "{\"logits\":[[0,0]],\"loss\":0.6931471805599453,\"gradients\":{\"w_x\":[[0]],\"w_y\":[[0]],\"b\":[0],"
      "\"w_out\":[[-0,0]],\"b_out\":[-0.5,0.5]}}\n";
  const std::string computed = chapter().json({"--replay", folder.file("case.json", beginning + "}")});
  std::string without_signs = computed;
  while (without_signs.find("-0,") != std::string::npos) without_signs.replace(without_signs.find("-0,"), 3, "0,");
  std::string expected = everything;
  expected.replace(expected.find("-0,"), 3, "0,");
  BOOST_TEST(without_signs == expected);
  // A padded step, and a state before the first that goes on being the state: nothing was computed from the inputs.
  const std::string none = chapter().json(
      {"--replay", folder.file("none.json", beginning + R"(, "lengths": [0], "initial_state": [[2]]})")});
  BOOST_TEST(Chapter::contains(none, "\"logits\":[[2,2]]"), none);
  BOOST_TEST(Chapter::contains(none, "\"w_out\":[[-1,1]]"), none);
}

BOOST_AUTO_TEST_CASE(by_hand_and_from_the_tape_the_gradients_are_the_same) {
  for (const char* seed : {"1", "2", "3", "4294967295"}) {
    const std::string out = chapter().output({"--seed", seed});
    BOOST_TEST(std::stod(after(out, "The largest difference between them: ")) <= 1e-15, out);
  }
}

BOOST_AUTO_TEST_CASE(every_gradient_is_near_its_difference_and_too_large_or_small_a_step_shows) {
  for (const char* seed : {"1", "2", "3"}) {
    const std::string out = chapter().output({"--gradcheck", "--seed", seed});
    for (const char* name : {"w_x  ", "w_y  ", "b    ", "w_out", "b_out"}) {
      BOOST_TEST(Chapter::contains(out, std::string("\n  ") + name), out);
    }
    BOOST_TEST(out.ends_with("Every relative error is at most 1e-6.\n"), out);
  }
  for (const char* difference : {"1e-2", "1e-13"}) {
    const std::string out = chapter().output({"--gradcheck", "--difference", difference}, 1);
    BOOST_TEST(out.ends_with("There is a relative error above 1e-6.\n"), out);
  }
}

BOOST_AUTO_TEST_CASE(without_tanh_the_norm_is_a_power_and_with_it_never_more) {
  for (const Arguments& arguments : std::vector<Arguments>{
           {}, {"--steps", "9"}, {"--steps", "500", "--neurons", "3"}, {"--steps=1", "--neurons=1"}, {"--seed", "2"}}) {
    const auto rows = norms(arguments);
    const std::size_t steps = rows.size() - 1;
    for (const auto& row : rows) {
      const double back = double(steps) - row[0];
      BOOST_REQUIRE(row.size() == 10u);
      BOOST_TEST(std::abs(row[1] / std::pow(0.5, back) - 1) <= 1e-4);  // the weights are floats
      BOOST_TEST(std::abs(row[2] - 1) <= 1e-4);
      BOOST_TEST(std::abs(row[3] / std::pow(2.0, back) - 1) <= 1e-4);
      for (int k = 4; k < 10; ++k) BOOST_TEST(row[k] <= 1.0001 * row[1 + (k - 1) % 3]);
    }
    BOOST_TEST(rows.back()[9] == 1);
  }
  const auto rows = norms({});
  BOOST_TEST(rows[0][4] < 1e-12);  // vanished
  BOOST_TEST((rows[0][5] > 1e-3 && rows[0][5] < 1));
  BOOST_TEST(rows[0][6] > 10);    // exploded
  BOOST_TEST(rows[0][9] < 1e-3);  // saturated: vanished, although W_y is large
}

BOOST_AUTO_TEST_CASE(clipping_saves_a_training_that_explodes) {
  const std::string out = chapter().output({"--updates", "60"});
  const auto line = out.rfind("\n          57 ");
  BOOST_REQUIRE(line != std::string::npos);
  std::istringstream numbers(out.substr(line));
  double update = 0, free_loss = 0, free_norm = 0, clipped_loss = 0, clipped_norm = 0;
  numbers >> update >> free_loss >> free_norm >> clipped_loss >> clipped_norm;
  BOOST_TEST(update == 57);
  BOOST_TEST(free_loss > 0.7);  // worse than guessing
  BOOST_TEST(clipped_loss < 0.01);
  BOOST_TEST(std::stod(after(out, "the largest norm of a gradient was ")) > 10);
  // A bound that is never reached changes nothing: both halves agree.
  const std::string loose = chapter().output({"--updates", "1", "--clip", "1000000"});
  std::istringstream halves(loose.substr(loose.rfind("\n           0 ")));
  halves >> update >> free_loss >> free_norm >> clipped_loss >> clipped_norm;
  BOOST_TEST(free_loss == clipped_loss);
  BOOST_TEST(free_norm == clipped_norm);
}

BOOST_AUTO_TEST_CASE(the_same_seed_prints_the_same_and_another_one_something_else) {
  BOOST_TEST(chapter().output({"--seed", "7"}) == chapter().output({"--seed", "7"}));
  BOOST_TEST(chapter().output({"--seed", "7"}) != chapter().output({"--seed", "8"}));
}

BOOST_AUTO_TEST_CASE(a_table_is_not_written_where_it_prints) {
  const Folder folder;
  folder.file("out", "");
  Settings to_file;
  to_file.stdout_to = folder / "out";
  BOOST_TEST(chapter().run({"--csv", folder / "out"}, to_file).status == 2);
  BOOST_TEST(folder.read("out") == "");
  BOOST_TEST(chapter().run({"--csv", "/dev/stdout"}, to_file).status == 0);
  BOOST_TEST(Chapter::contains(folder.read("out"), "\nThe norm of dh_T/dh_t"));
  BOOST_TEST(Chapter::contains(folder.read("out"), "t,linear x 0.5,"));
}

BOOST_AUTO_TEST_CASE(values_of_which_a_float_has_nothing_are_refused) {
  for (const Arguments& arguments :
       {Arguments{"--gradcheck", "--difference", "1e-60"}, {"--learning-rate", "1e-300"}, {"--clip", "1e-40"}}) {
    const Result result = chapter().run(arguments);
    BOOST_TEST(result.status == 2);
    BOOST_TEST(Chapter::contains(result.err, "\", which is too small for a float\n"), result.err);
  }
}

BOOST_AUTO_TEST_CASE(what_it_cannot_use_is_refused_in_one_line) {
  chapter().refuses({"--gradchek"}, "unknown option --gradchek: did you mean --gradcheck?");
  chapter().refuses({"--steps", "0"}, "--steps: expected a whole number from 1 to 500, got \"0\"");
  chapter().refuses({"--gradcheck", "--difference", "0"},
                    "--difference: expected a number above 0 and at most 1, got \"0\"");
  chapter().refuses({"--difference", "1e-5"}, "--difference: needs --gradcheck");
  chapter().refuses({"--clip", "nan"}, "--clip: expected a number above 0 and at most 1000000, got \"nan\"");
  chapter().refuses({"--json"}, "--json: needs --replay");
  chapter().refuses({"--csv", "none/norms.csv"}, "--csv: none/norms.csv: No such file or directory");
  const std::string gradient = recorded("pytorch/gradient_0.json"), forward = recorded("pytorch/unroll_0.json");
  chapter().refuses({"--gradcheck", "--replay", gradient}, "--gradcheck: cannot be given together with --replay");
  chapter().refuses({"--replay", forward},
                    forward + ": labels: expected this key, which the chapter needs, found none");
}
