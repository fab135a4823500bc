#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "../support/chapter.hpp"

using namespace rnn::testing;

namespace {

const Chapter& chapter() {
  static const Chapter chapter("TWO_STEPS");
  return chapter;
}

// One neuron and one input: y0 = tanh(0·1 + 0·2 + 0.5), y1 = tanh(1·1 + y0·2 + 0.5) = tanh(2.42423431).
const std::string small_case = R"({"inputs": [[[0], [1]]], "weights": {"w_x": [[1]], "w_y": [[2]], "b": [0.5]}, )"
                               R"("expected": {"outputs": [[[0.462117157], [0.984441237]]]}, "tolerance": 1e-7})";

}  // namespace

BOOST_AUTO_TEST_CASE(the_notebooks_run_comes_out_within_1e_6) {
  chapter().agrees_with("notebook/scratch.json");
  // In the digits of the notebook's cell y1_val.
  const std::string out = chapter().output({"--replay", recorded("notebook/scratch.json")});
  BOOST_TEST(Chapter::contains(out, "-0.9988916"), out);
  BOOST_TEST(Chapter::contains(out, "tolerance 1e-06"), out);
}

BOOST_AUTO_TEST_CASE(every_recorded_case_of_two_steps_agrees) {
  for (const char* name : {"notebook/static.json", "notebook/dynamic.json", "pytorch/two_steps_0.json",
                           "pytorch/two_steps_1.json", "pytorch/two_steps_2.json"}) {
    chapter().agrees_with(name);
  }
}

BOOST_AUTO_TEST_CASE(the_formula_holds_for_numbers_computed_by_hand) {
  const Folder folder;
  const std::string out = chapter().output({"--replay", folder.file("small.json", small_case)});
  BOOST_TEST(Chapter::contains(out, "outputs          agrees"), out);
}

BOOST_AUTO_TEST_CASE(a_result_that_differs_ends_with_status_1) {
  const Folder folder;
  std::string wrong = small_case;
  wrong.replace(wrong.find("0.46211"), 7, "0.46212");
  const std::string path = folder.file("wrong.json", wrong);
  BOOST_TEST(Chapter::contains(chapter().output({"--replay", path}, 1), "DIFFERS"));
  BOOST_TEST(chapter().output({"--replay", path, "--json"}, 1).starts_with("{\"outputs\":"));
}

BOOST_AUTO_TEST_CASE(without_options_inputs_weights_and_outputs_are_printed) {
  const std::string out = chapter().output({});
  for (const char* part : {"x0, the inputs at t = 0  (batch 4 x inputs 3)\n  [0. 1. 2.]\n  [3. 4. 5.]\n", "W_x", "W_y",
                           "y0 = tanh(x0·W_x + y_start·W_y + b)  (batch 4 x neurons 5)",
                           "y1 = tanh(x1·W_x + y0·W_y + b)  (batch 4 x neurons 5)"}) {
    BOOST_TEST(Chapter::contains(out, part), part << " in\n" << out);
  }
}

BOOST_AUTO_TEST_CASE(the_seed_decides_every_number) {
  BOOST_TEST(chapter().output({"--seed", "7"}) == chapter().output({"--seed", "7"}));
  BOOST_TEST(chapter().json({}) == chapter().json({"--seed", "1"}));
  BOOST_TEST(chapter().json({"--seed", "7"}) != chapter().json({"--seed", "8"}));
}

BOOST_AUTO_TEST_CASE(every_kernel_computes_the_same_bits) {
  // A kernel that this processor lacks is refused with a line of its own.
  for (const char* kernel : {"avx2", "avx512"}) {
    const Result result = chapter().run({"--json", "--neurons", "37"}, with_kernel(kernel));
    if (result.status == 0) BOOST_TEST(result.out == chapter().json({"--neurons", "37"}), kernel);
  }
}

BOOST_AUTO_TEST_CASE(the_state_before_the_first_step_can_be_given) {
  BOOST_TEST(chapter().json({"--initial-state", "0"}) == chapter().json({}));
  BOOST_TEST(chapter().json({"--initial-state", "-0.5"}) != chapter().json({}));
  BOOST_TEST(chapter().json({"--initial-state=0.5"}) == chapter().json({"--initial-state=0.5,.5,5e-1,0.5,0.5"}));
  BOOST_TEST(chapter().json({"--neurons=2", "--initial-state=1,0"}) != chapter().json({"--neurons=2"}));

  // In a case: y0 = tanh(0·1 + 0.25·2 + 0.5) = tanh(1)
  const Folder folder;
  std::string started = small_case.substr(0, small_case.find("\"expected\"")) + "\"initial_state\": [[0.25]]}";
  const std::string out = chapter().json({"--replay", folder.file("started.json", started)});
  BOOST_TEST(out.starts_with("{\"outputs\":[[[0.7615942],["), out);
}

BOOST_AUTO_TEST_CASE(what_it_cannot_use_is_refused_in_one_line) {
  chapter().refuses({"--sed", "3"}, "unknown option --sed: did you mean --seed?");
  chapter().refuses({"--seed", "-1"}, "--seed: expected a whole number from 0 to 4294967295, got \"-1\"");
  chapter().refuses({"--steps", "3"}, "unknown option --steps: --help lists them all");
  chapter().refuses({"--neurons", "0"}, "--neurons: expected a whole number from 1 to 256, got \"0\"");
  chapter().refuses({"7"}, "unexpected argument \"7\"");
  for (const char* state : {"x", "1,2", "1,2,3,4,", ",", "nan", "inf", "1;2;3;4;5", " 1"}) {
    chapter().refuses(
        {"--initial-state", state},
        std::string("--initial-state: expected one number, or 5 with commas between them, got \"") + state + "\"");
  }
  for (const char* state : {"1e-60", "1e99", "1,1e39,1,1,1"}) {
    chapter().refuses({"--initial-state", state},
                      std::string("--initial-state: expected one number, or 5 with commas between them, got \"") +
                          state + "\", which a float cannot hold");
  }
  chapter().refuses({"--replay", "none.json"}, "--replay: none.json: No such file or directory");
  const std::string scratch = recorded("notebook/scratch.json");
  chapter().refuses({"--seed", "3", "--replay", scratch}, "--seed: cannot be given together with --replay");
}

BOOST_AUTO_TEST_CASE(a_case_of_another_kind_is_refused_in_one_line) {
  const std::string cannot = ": expected none: the chapter cannot run such a case, found this key";
  const std::string longer = recorded("pytorch/unroll_0.json"), variable = recorded("notebook/variable.json");
  chapter().refuses({"--replay", longer}, longer + ": inputs: expected 2 time steps, found 18");
  chapter().refuses({"--replay", variable, "--json"}, variable + ": lengths" + cannot);
  const std::string gradient = recorded("pytorch/gradient_0.json");
  chapter().refuses({"--replay", gradient}, gradient + ": labels" + cannot);
}

BOOST_AUTO_TEST_CASE(a_kernel_that_there_is_not_is_refused) {
  const Result result = chapter().run({}, with_kernel("sse"));
  BOOST_TEST(result.status == 2);
  BOOST_TEST(result.err == "01_two_steps: RNN_KERNEL: expected avx512, avx2 or baseline, got \"sse\"\n");
}
