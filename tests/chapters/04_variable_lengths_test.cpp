#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "../support/chapter.hpp"

using namespace rnn::testing;

namespace {

const Chapter& chapter() {
  static const Chapter chapter("VARIABLE_LENGTHS");
  return chapter;
}

// From `from` to the end of the line.
std::string line(const std::string& text, const std::string& from) {
  const auto begin = text.find(from);
  if (begin == std::string::npos) return "no line with " + from;
  return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_notebooks_run_comes_out_within_1e_6) {
  chapter().agrees_with("notebook/variable.json");
  const std::string out = chapter().output({"--replay", recorded("notebook/variable.json")});
  BOOST_TEST(Chapter::contains(out, "tolerance 1e-06"), out);
}

BOOST_AUTO_TEST_CASE(every_recorded_case_with_lengths_agrees) {
  for (const char* name : {"pytorch/variable_0.json", "pytorch/variable_1.json", "pytorch/variable_2.json"}) {
    chapter().agrees_with(name);
  }
}

BOOST_AUTO_TEST_CASE(at_full_length_the_outputs_are_those_of_chapter_03_bit_for_bit) {
  const Chapter dynamic("DYNAMIC_UNROLLING");
  for (const std::string steps : {"0", "1", "2", "28"}) {
    const std::string full = steps + "," + steps + "," + steps + "," + steps;
    for (const Arguments& options : std::vector<Arguments>{{"--steps", steps},
                                                           {"--steps", steps, "--seed", "7", "--neurons", "37"},
                                                           {"--steps", steps, "--initial-state", "0.5"},
                                                           {"--steps", steps, "--activation", "relu"}}) {
      Arguments with_lengths = options;
      with_lengths.insert(with_lengths.end(), {"--lengths", full});
      BOOST_TEST(chapter().json(with_lengths) == dynamic.json(options));
    }
  }
}

BOOST_AUTO_TEST_CASE(outputs_are_zero_past_the_end_and_the_state_is_the_last_valid_one) {
  // y[0] = tanh(1 + 0.25·2 + 0.5) = tanh(2), and the other sequence is over before it begins.
  const Folder folder;
  const std::string path = folder.file(
      "lengths.json", R"({"inputs": [[[1], [9], [9]], [[9], [9], [9]]], "lengths": [1, 0], )"
                      R"("weights": {"w_x": [[1]], "w_y": [[2]], "b": [0.5]}, "initial_state": [[0.25], [0.125]]})");
  BOOST_TEST(chapter().json({"--replay", path}) ==
             "{\"outputs\":[[[0.9640276],[0],[0]],[[0],[0],[0]]],\"state\":[[0.9640276],[0.125]]}\n");
}

BOOST_AUTO_TEST_CASE(what_stands_in_the_padding_changes_nothing) {
  for (const Arguments& options :
       std::vector<Arguments>{{}, {"--steps", "7"}, {"--steps=7", "--lengths=0,0,0,0"}, {"--activation", "relu"}}) {
    const std::string out = chapter().output(options);
    BOOST_TEST(Chapter::contains(out, "With NaN for padding: the same outputs, state and gradients.\n"), out);
  }
}

BOOST_AUTO_TEST_CASE(no_gradient_goes_through_padding) {
  const std::string out = chapter().output({"--lengths", "2,1,0,1"});
  const std::string table = out.substr(out.find("|dx|  (batch 4 x time 2)"));
  BOOST_TEST(Chapter::contains(table, "\n  [0.         0.        ]\n"), table);  // length 0
  const std::string full = chapter().output({"--lengths", "2,2,2,2"});
  BOOST_TEST(!Chapter::contains(full.substr(full.find("|dx|")), " 0.  "), full);
}

BOOST_AUTO_TEST_CASE(a_batch_holds_sequences_of_all_half_and_none_of_the_steps) {
  BOOST_TEST(line(chapter().output({}), "lengths") == "lengths 2, 1, 0, 2");
  BOOST_TEST(line(chapter().output({"--steps", "9"}), "lengths") == "lengths 9, 4, 0, 9");
  BOOST_TEST(line(chapter().output({"--lengths=1,2,2,0"}), "lengths") == "lengths 1, 2, 2, 0");
  BOOST_TEST(line(chapter().output({"--lengths", "1, 2,  2, 0"}), "lengths") == "lengths 1, 2, 2, 0");
  BOOST_TEST(chapter().json({}) == chapter().json({"--lengths", "2,1,0,2"}));
  // The inputs of the last example: 9 0 1, then 3 2 1.
  BOOST_TEST(Chapter::contains(chapter().output({"--lengths=1,2,2,1"}), "t=0  [9. 0. 1.]\n    t=1  [0. 0. 0.]\nout"));
  BOOST_TEST(chapter().json({}) != chapter().json({"--lengths", "2,2,0,2"}));
}

BOOST_AUTO_TEST_CASE(the_seed_decides_every_number) {
  BOOST_TEST(chapter().output({"--steps=9", "--seed=7"}) == chapter().output({"--steps=9", "--seed=7"}));
  BOOST_TEST(chapter().json({"--steps=9", "--seed=7"}) != chapter().json({"--steps=9", "--seed=8"}));
}

BOOST_AUTO_TEST_CASE(every_kernel_computes_the_same_bits) {
  const Arguments options{"--neurons=37", "--steps=9"};
  for (const char* kernel : {"avx2", "avx512"}) {
    const Result result = chapter().run(options, with_kernel(kernel));
    if (result.status == 0) BOOST_TEST(result.out == chapter().output(options), kernel);
  }
}

BOOST_AUTO_TEST_CASE(what_it_cannot_use_is_refused_in_one_line) {
  for (const char* lengths : {"1,2,3,4", "1,2", "2,2,2,2,2", "-1,2,2,2", "1,2,2,x", "1,2,2,", "2", "1.5,2,2,2",
                              "18446744073709551617,1,1,1"}) {
    chapter().refuses({"--lengths", lengths},
                      std::string("--lengths: expected 4 whole numbers from 0 to 2 with commas between them, got \"") +
                          lengths + "\"");
  }
  chapter().refuses({"--graph", "a.dot"}, "unknown option --graph: --help lists them all");
  const std::string variable = recorded("notebook/variable.json"), dynamic = recorded("notebook/dynamic.json");
  chapter().refuses({"--replay", variable, "--lengths=1,2,2,2"}, "--lengths: cannot be given together with --replay");
  chapter().refuses({"--replay", dynamic},
                    dynamic + ": lengths: expected this key, which the chapter needs, found none");
  const std::string gradient = recorded("pytorch/gradient_1.json");
  chapter().refuses({"--replay", gradient},
                    gradient + ": labels: expected none: the chapter cannot run such a case, found this key");
}
