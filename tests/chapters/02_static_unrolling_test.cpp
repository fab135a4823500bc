#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "../support/chapter.hpp"

using namespace rnn::testing;

namespace {

const Chapter& chapter() {
  static const Chapter chapter("STATIC_UNROLLING");
  return chapter;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::string graph(const Arguments& options) {
  const Folder folder;
  Arguments arguments{"--graph", folder / "graph.dot"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  chapter().output(arguments);
  return folder.read("graph.dot");
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_notebooks_run_comes_out_within_1e_6) {
  chapter().agrees_with("notebook/static.json");
  const std::string out = chapter().output({"--replay", recorded("notebook/static.json")});
  BOOST_TEST(Chapter::contains(out, "tolerance 1e-06"), out);
}

BOOST_AUTO_TEST_CASE(every_recorded_forward_case_agrees) {
  for (const char* name :
       {"notebook/scratch.json", "notebook/dynamic.json", "pytorch/two_steps_0.json", "pytorch/two_steps_1.json",
        "pytorch/two_steps_2.json", "pytorch/unroll_0.json", "pytorch/unroll_1.json", "pytorch/unroll_2.json"}) {
    chapter().agrees_with(name);
  }
}

BOOST_AUTO_TEST_CASE(two_steps_are_those_of_chapter_01_bit_for_bit) {
  const Chapter by_hand("TWO_STEPS");
  for (const Arguments& options : std::vector<Arguments>{{},
                                                         {"--seed", "7"},
                                                         {"--initial-state", "0.5"},
                                                         {"--neurons", "37"},
                                                         {"--neurons=2", "--initial-state=-1,1"}}) {
    BOOST_TEST(chapter().json(options) == by_hand.json(options));
  }
  const std::string scratch = recorded("notebook/scratch.json");
  BOOST_TEST(chapter().json({"--replay", scratch}) == by_hand.json({"--replay", scratch}));
}

BOOST_AUTO_TEST_CASE(a_longer_sequence_begins_as_the_shorter_one) {
  const std::string two = chapter().json({}), three = chapter().json({"--steps", "3"});
  // The first example's first two steps.
  const std::string beginning = two.substr(0, two.find("]]"));
  BOOST_TEST(three.starts_with(beginning));
  // Its further inputs are drawn from the seed.
  const auto inputs = [](const std::string& seed) {
    const std::string out = chapter().output({"--steps", "3", "--seed", seed});
    return out.substr(0, out.find("outputs"));
  };
  BOOST_TEST(Chapter::contains(inputs("7"), "t=0  [0. 1. 2.]\n    t=1  [9. 8. 7.]\n    t=2  ["), inputs("7"));
  BOOST_TEST(inputs("7") == inputs("7"));
  BOOST_TEST(inputs("7") != inputs("8"));
  BOOST_TEST(chapter().json({"--steps", "28", "--seed", "7"}) == chapter().json({"--steps", "28", "--seed", "7"}));
  BOOST_TEST(chapter().json({"--steps", "28", "--seed", "7"}) != chapter().json({"--steps", "28", "--seed", "8"}));
}

BOOST_AUTO_TEST_CASE(no_steps_at_all_leave_the_initial_state) {
  BOOST_TEST(chapter().json({"--steps=0", "--neurons=2", "--initial-state=1,-0.5"}) ==
             "{\"outputs\":[[],[],[],[]],\"state\":[[1,-0.5],[1,-0.5],[1,-0.5],[1,-0.5]]}\n");
  chapter().output({"--steps=0"});
  chapter().output({"--steps=1"});
  const Folder folder;
  const std::string none = folder.file(
      "none.json",
      R"({"inputs": [[]], "weights": {"w_x": [[1]], "w_y": [[2]], "b": [0.5]}, "initial_state": [[0.25]]})");
  BOOST_TEST(chapter().json({"--replay", none}) == "{\"outputs\":[[]],\"state\":[[0.25]]}\n");
}

BOOST_AUTO_TEST_CASE(relu_takes_the_place_of_tanh) {
  const std::string out = chapter().json({"--activation", "relu"});
  BOOST_TEST(out != chapter().json({"--activation", "tanh"}));
  BOOST_TEST(!Chapter::contains(out, "-"));  // max(x, 0) of everything
}

BOOST_AUTO_TEST_CASE(the_tape_grows_with_every_step_and_says_how) {
  const std::string out = chapter().output({});
  BOOST_TEST(Chapter::contains(out, "The tape has 16 nodes and keeps 896 bytes"), out);
  BOOST_TEST(Chapter::contains(out, "  t=1  Slice_1 MatMul_1 AddMatMul_1 BiasAdd_1 Tanh_1\n"), out);
  // Five nodes for each step: a slice of the inputs (4 × 3), three operations and the output (4 × 5), and its copy.
  BOOST_TEST(Chapter::contains(out, "       1      11          448"), out);
  BOOST_TEST(Chapter::contains(out, "      32     166        14336"), out);
}

BOOST_AUTO_TEST_CASE(the_graph_has_a_cluster_for_each_step_and_shares_the_weights) {
  for (const std::string steps : {"0", "1", "2", "8", "28"}) {
    const std::size_t n = std::stoul(steps);
    const std::string dot = graph({"--steps", steps});
    BOOST_TEST(dot.starts_with("digraph "));
    BOOST_TEST(std::ranges::count(dot, '{') == std::ranges::count(dot, '}'));
    BOOST_TEST(count(dot, "subgraph \"cluster_") == n);
    for (const char* weight : {"\"w_x\"", "\"w_y\"", "\"b\""}) {
      BOOST_TEST(count(dot, std::string(weight) + " [label=") == 1u);
      BOOST_TEST(count(dot, std::string(weight) + " -> ") == n);
    }
    BOOST_TEST(count(dot, "\"MatMul_" + std::to_string(n == 0 ? 0 : n - 1) + "\" [label=") == (n == 0 ? 0u : 1u));
    BOOST_TEST(count(dot, "dir=back") == (n == 0 ? 0 : n - 1));  // from each step to the next
  }
  BOOST_TEST(Chapter::contains(graph({}), "\"AddMatMul_1\" -> \"Tanh_0\" [dir=back"));
  BOOST_TEST(Chapter::contains(graph({"--activation", "relu"}), "\"Relu_1\""));
}

BOOST_AUTO_TEST_CASE(graphviz_draws_the_graph_where_it_is_installed) {
  const Folder folder;
  const auto with_graphviz = [&](const std::string& script) {
    std::filesystem::create_directory(folder / "bin");
    std::filesystem::permissions(folder.file("bin/dot", "#!/bin/sh\n" + script + "\n"), std::filesystem::perms::all);
    Settings settings;
    settings.environment["PATH"] = folder / "bin";
    return chapter().run({"--steps", "3", "--graph", folder / "graph.svg"}, settings);
  };
  const auto refuses = [&](const Result& result, const std::string& what) {
    BOOST_TEST(result.status == 2);
    BOOST_TEST(result.out == "");
    BOOST_TEST(result.err == chapter().name() + ": " + folder / "graph.svg" + ": " + what + "\n");
    BOOST_TEST(!std::filesystem::exists(folder / "graph.svg"));
  };
  refuses(with_graphviz("echo 'half a drawing'; echo 'out of order' >&2; exit 1"),
          "cannot be drawn: Graphviz's program dot failed");
  Settings nothing_there;
  nothing_there.environment["PATH"] = folder / "";
  refuses(chapter().run({"--graph", folder / "graph.svg"}, nothing_there),
          "expected Graphviz's program dot to draw it, found none (No such file or directory); a file name "
          "that ends in .dot needs no drawing");

  const Result drawn = with_graphviz("echo \"$@\"; while read -r line; do echo \"$line\"; done; echo 'a word' >&2");
  BOOST_TEST(drawn.status == 0);
  BOOST_TEST(drawn.err == "");
  const std::string svg = folder.read("graph.svg");
  BOOST_TEST(svg.starts_with("-Tsvg\ndigraph "), svg);
  BOOST_TEST(count(svg, "subgraph ") == 3u, svg);
}

BOOST_AUTO_TEST_CASE(the_chain_rule_finds_the_slope_that_nudging_measures) {
  for (const std::string weight : {"-2", "-0.3", "0.5", "0.9", "3"}) {
    const std::string out = chapter().output({"slope", "--weight", weight, "--nudge", "1e-5"});
    const auto number_after = [&](const std::string& words) {
      return std::stod(out.substr(out.find(words) + words.size()));
    };
    const double measured = number_after("losses / 2e-05 = "), computed = number_after("their sum = ");
    BOOST_TEST(std::abs(measured - computed) <= 2e-6, out);
  }
}

BOOST_AUTO_TEST_CASE(following_the_slope_downhill_lowers_the_loss) {
  const std::string out = chapter().output({"slope", "--updates", "100"});
  BOOST_TEST(out.ends_with(" 0.000000\n"), out);
}

BOOST_AUTO_TEST_CASE(a_number_that_is_used_twice_gets_both_gradients) {
  // y = tanh(w·h + h): dy/dw = (1 − y²)·h, dy/dh = (1 − y²)·(w + 1).
  for (const auto& [w, h] : {std::pair{0.5, 0.8}, {-1.5, 0.3}, {2.0, 0.0}}) {
    const std::string out = chapter().output({"scalars", "--w", std::to_string(w), "--h", std::to_string(h)});
    const double slope = 1 - std::pow(std::tanh(w * h + h), 2);
    const auto gradient_of = [&](const std::string& name) {
      std::istringstream line(out.substr(out.find("\n" + name + " ") + 1 + name.size()));
      double value = 0, gradient = 0;
      line >> value >> gradient;
      return gradient;
    };
    BOOST_TEST(std::abs(gradient_of("w") - slope * h) <= 6e-5, out);
    BOOST_TEST(std::abs(gradient_of("h") - slope * (w + 1)) <= 6e-5, out);
  }
}

BOOST_AUTO_TEST_CASE(every_kernel_computes_the_same_bits) {
  for (const char* kernel : {"avx2", "avx512"}) {
    const Result result = chapter().run({"--json", "--neurons=37", "--steps=9"}, with_kernel(kernel));
    if (result.status == 0) BOOST_TEST(result.out == chapter().json({"--neurons=37", "--steps=9"}), kernel);
  }
}

BOOST_AUTO_TEST_CASE(a_graph_is_not_drawn_over_another_file) { chapter().draws_over_nothing(); }

BOOST_AUTO_TEST_CASE(what_it_cannot_use_is_refused_in_one_line) {
  chapter().refuses({"--step", "3"}, "unknown option --step: did you mean --steps?");
  chapter().refuses({"--steps", "-3"}, "--steps: expected a whole number from 0 to 10000, got \"-3\"");
  chapter().refuses({"--activation", "sigmoid"}, "--activation: expected tanh or relu, got \"sigmoid\"");
  chapter().refuses({"--graph", "none/graph.dot"}, "--graph: none/graph.dot: No such file or directory");
  chapter().refuses({"--graph", "/"}, "--graph: /: Is a directory");
  const std::string scratch = recorded("notebook/static.json"), variable = recorded("notebook/variable.json");
  chapter().refuses({"--steps", "3", "--replay", scratch}, "--steps: cannot be given together with --replay");
  chapter().refuses({"--activation", "relu", "--replay", scratch},
                    "--activation: cannot be given together with --replay");
  chapter().refuses({"--replay", variable},
                    variable + ": lengths: expected none: the chapter cannot run such a case, found this key");
}
