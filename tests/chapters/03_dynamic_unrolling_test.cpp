#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "../support/chapter.hpp"

using namespace rnn::testing;

namespace {

const Chapter& chapter() {
  static const Chapter chapter("DYNAMIC_UNROLLING");
  return chapter;
}

const Chapter& static_unrolling() {
  static const Chapter chapter("STATIC_UNROLLING");
  return chapter;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_notebooks_run_comes_out_within_1e_6) {
  chapter().agrees_with("notebook/dynamic.json");
  const std::string out = chapter().output({"--replay", recorded("notebook/dynamic.json")});
  BOOST_TEST(Chapter::contains(out, "tolerance 1e-06"), out);
}

BOOST_AUTO_TEST_CASE(every_recorded_forward_case_agrees_and_is_chapter_02s_bit_for_bit) {
  for (const char* name : {"notebook/scratch.json", "notebook/static.json", "notebook/dynamic.json",
                           "pytorch/two_steps_0.json", "pytorch/two_steps_1.json", "pytorch/two_steps_2.json",
                           "pytorch/unroll_0.json", "pytorch/unroll_1.json", "pytorch/unroll_2.json"}) {
    chapter().agrees_with(name);
    const Arguments replay{"--replay", recorded(name)};
    BOOST_TEST(chapter().json(replay) == static_unrolling().json(replay), name);
  }
}

BOOST_AUTO_TEST_CASE(any_length_gives_the_outputs_of_chapter_02_bit_for_bit) {
  for (const std::string steps : {"0", "1", "2", "3", "28", "100"}) {
    for (const Arguments& options : std::vector<Arguments>{{"--steps", steps},
                                                           {"--steps", steps, "--seed", "7", "--neurons", "37"},
                                                           {"--steps", steps, "--initial-state", "0.5"},
                                                           {"--steps", steps, "--activation", "relu"}}) {
      BOOST_TEST(chapter().json(options) == static_unrolling().json(options));
    }
  }
  BOOST_TEST(chapter().json({}) == static_unrolling().json({}));
}

BOOST_AUTO_TEST_CASE(the_seed_decides_every_number) {
  BOOST_TEST(chapter().output({"--steps=9", "--seed=7"}) == chapter().output({"--steps=9", "--seed=7"}));
  BOOST_TEST(chapter().json({"--steps=9", "--seed=7"}) != chapter().json({"--steps=9", "--seed=8"}));
}

BOOST_AUTO_TEST_CASE(no_steps_at_all_leave_the_initial_state) {
  const Folder folder;
  const std::string none = folder.file(
      "none.json",
      R"({"inputs": [[]], "weights": {"w_x": [[1]], "w_y": [[2]], "b": [0.5]}, "initial_state": [[0.25]]})");
  BOOST_TEST(chapter().json({"--replay", none}) == "{\"outputs\":[[]],\"state\":[[0.25]]}\n");
  chapter().output({"--steps", "0"});
}

BOOST_AUTO_TEST_CASE(the_tape_has_the_same_nodes_for_any_length) {
  for (const char* steps : {"1", "2", "100"}) {
    const std::string out = chapter().output({"--steps", steps});
    BOOST_TEST(Chapter::contains(out, "The tape has 7 nodes"), out);
    BOOST_TEST(Chapter::contains(out, "input w_x w_y b initial_state DynamicRnn Outputs\n"), out);
    BOOST_TEST(Chapter::contains(out, "and the same outputs.\n"), out);
  }
}

BOOST_AUTO_TEST_CASE(what_is_kept_is_one_output_a_step_and_the_state) {
  const std::string out = chapter().output({});
  // 2 outputs and the state of (4 × 5) floats; chapter 02's five nodes a step, four of them (4 × 5), and their copy.
  BOOST_TEST(Chapter::contains(out, "The tape has 7 nodes and keeps 240 bytes"), out);
  BOOST_TEST(Chapter::contains(out, "16 nodes, 896 bytes"), out);
  BOOST_TEST(Chapter::contains(out, "      64      326    28672    54460        7     5200    13308\n"), out);
}

BOOST_AUTO_TEST_CASE(the_graph_has_one_looping_node) {
  const Folder folder;
  chapter().output({"--steps", "28", "--graph", folder / "graph.dot"});
  const std::string dot = folder.read("graph.dot");
  BOOST_TEST(Chapter::contains(dot, "\"w_y\" -> \"DynamicRnn\""), dot);
  BOOST_TEST(Chapter::contains(dot, "\"DynamicRnn\" -> \"Outputs\""), dot);
  BOOST_TEST(!Chapter::contains(dot, "cluster"), dot);
}

BOOST_AUTO_TEST_CASE(every_kernel_computes_the_same_bits) {
  const Arguments options{"--neurons=37", "--steps=9", "--json"};
  for (const char* kernel : {"avx2", "avx512"}) {
    const Result result = chapter().run(options, with_kernel(kernel));
    if (result.status == 0) BOOST_TEST(result.out == chapter().output(options), kernel);
  }
}

BOOST_AUTO_TEST_CASE(a_graph_is_not_drawn_over_another_file) { chapter().draws_over_nothing(); }

BOOST_AUTO_TEST_CASE(what_it_cannot_use_is_refused_in_one_line) {
  chapter().refuses({"--length", "3"}, "unknown option --length: --help lists them all");
  chapter().refuses({"--steps", "many"}, "--steps: expected a whole number from 0 to 10000, got \"many\"");
  chapter().refuses({"--graph", "none/graph.dot"}, "--graph: none/graph.dot: No such file or directory");
  chapter().refuses({"--replay", "none.json"}, "--replay: none.json: No such file or directory");
  const std::string dynamic = recorded("notebook/dynamic.json"), variable = recorded("pytorch/variable_0.json");
  chapter().refuses({"--replay", dynamic, "--seed=1"}, "--seed: cannot be given together with --replay");
  chapter().refuses({"--replay", variable},
                    variable + ": lengths: expected none: the chapter cannot run such a case, found this key");
}
