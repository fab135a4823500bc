#include <signal.h>
#include <sys/types.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "../support/chapter.hpp"
#include "../support/processes.hpp"

import rnn.autodiff.graph;
import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.error;
import rnn.formats.dot;
import rnn.linalg.matrix;

using namespace rnn;

using namespace std::chrono_literals;
using testing::Child;
using testing::Folder;

namespace {

/// A folder in which the program dot is this script.
struct Graphviz : Folder {
  explicit Graphviz(const std::string& script) {
    file("dot", "#!/bin/sh\necho $$ > '" + (*this / "number") + "'\n" + script + "\n");
    std::filesystem::permissions(*this / "dot", std::filesystem::perms::all);
  }

  /// What goes wrong when a graph is drawn with it.
  std::string error(const std::string& name, std::chrono::milliseconds limit = 60s) const {
    ::setenv("PATH", (*this / ":/usr/bin:/bin").c_str(), 1);
    const Matrix a(2, 3, Real(1));
    Tape tape;
    tape.variable(a, "a");
    try {
      write_graph(*this / name, graph_of(tape), "title", limit);
    } catch (const FileError& error) {
      return error.what();
    }
    return "none";
  }

  /// Whether it still runs a while later.
  bool still_runs() const {
    const pid_t number = std::stoi(read("number"));
    for (int i = 0; i < 500 && ::kill(number, 0) == 0; ++i) std::this_thread::sleep_for(10ms);
    return ::kill(number, 0) == 0;
  }
};

}  // namespace

static bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

BOOST_AUTO_TEST_CASE(the_graph_holds_every_node_with_its_shape_and_every_edge) {
  const Matrix w(3, 3, Real(0.5)), start(2, 3, Real(1));
  Tape tape;
  const Var shared = tape.variable(w, "w");
  Var h = tape.constant(start, "start");
  for (Index t = 0; t < 2; ++t) {
    tape.set_step(t);
    h = rnn::tanh(matmul(h, shared));
  }
  tape.set_step(no_step);
  sum(h);
  const std::string dot = to_dot(graph_of(tape), "two steps");
  BOOST_TEST(dot.starts_with("digraph \"two steps\" {\n"));
  BOOST_TEST(dot.ends_with("}\n"));
  BOOST_TEST(contains(dot, "\"w\" [label=\"w\\n3 × 3\", shape=ellipse, color=\"#0072b2\""), dot);
  BOOST_TEST(contains(dot, "\"start\" [label=\"start\\n2 × 3\", shape=ellipse, color=\"#d55e00\""), dot);
  BOOST_TEST(contains(dot, "\"MatMul_1\" [label=\"MatMul_1\\n2 × 3\"];\n"), dot);
  BOOST_TEST(contains(dot, "\"w\" -> \"MatMul_0\" [color=\"#0072b2\"];\n"), dot);
  BOOST_TEST(contains(dot, "\"w\" -> \"MatMul_1\" [color=\"#0072b2\"];\n"), dot);
  BOOST_TEST(contains(dot, "\"MatMul_1\" -> \"Tanh_1\";\n"), dot);
  BOOST_TEST(contains(dot, "\"Tanh_1\" -> \"Sum\";\n"), dot);
  BOOST_TEST(contains(dot, "\"MatMul_1\" -> \"Tanh_0\" [dir=back"), dot);  // drawn from Tanh_0 to MatMul_1
  BOOST_TEST(contains(dot,
                      "\n  subgraph \"cluster_1\" {\n  label=\"t = 1\"; color=\"#bbbbbb\";\n"
                      "  \"MatMul_1\" [label=\"MatMul_1\\n2 × 3\"];\n  \"Tanh_1\" [label=\"Tanh_1\\n2 × 3\"];\n  }\n"),
             dot);
}

BOOST_AUTO_TEST_CASE(quotes_in_a_name_do_not_end_it) {
  const Matrix a(1, 1, Real(1));
  Tape tape;
  tape.variable(a, "the \"x\" \\");
  BOOST_TEST(contains(to_dot(graph_of(tape), "a \"title\""), "digraph \"a \\\"title\\\"\" {"));
  BOOST_TEST(contains(to_dot(graph_of(tape), "a"), "\"the \\\"x\\\" \\\\\" [label=\"the \\\"x\\\" \\\\\\n1 × 1\""));
}

BOOST_AUTO_TEST_CASE(a_drawing_is_made_for_a_name_that_ends_in_svg_in_capitals_too) {
  const Graphviz graphviz("echo drawn; cat");
  for (const char* name : {"a.svg", "a.SVG", "a.Svg"}) {
    BOOST_TEST(graphviz.error(name) == "none");
    BOOST_TEST(graphviz.read(name).starts_with("drawn\ndigraph "), name);
  }
  for (const char* name : {"a.dot", "a.gv", "a"}) {
    BOOST_TEST(graphviz.error(name) == "none");
    BOOST_TEST(graphviz.read(name).starts_with("digraph "), name);
  }
}

BOOST_AUTO_TEST_CASE(a_drawing_that_takes_too_long_is_given_up_with_one_line) {
  const Graphviz graphviz("exec sleep 1000");
  const auto begin = std::chrono::steady_clock::now();
  BOOST_TEST(graphviz.error("a.svg", 1s) ==
             graphviz / "a.svg" +
                 ": cannot be drawn: Graphviz's program dot is not done after 1 s; a file name that "
                 "ends in .dot needs no drawing");
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 20s));
  BOOST_TEST(!graphviz.still_runs());
  BOOST_TEST(!std::filesystem::exists(graphviz / "a.svg"));
}

BOOST_AUTO_TEST_CASE(a_program_that_is_killed_takes_graphviz_along) {
  const Graphviz graphviz("exec sleep 1000");
  Child program([&] { return graphviz.error("a.svg"); });
  for (int i = 0; i < 1000 && graphviz.read("number").empty(); ++i) std::this_thread::sleep_for(10ms);
  BOOST_TEST_REQUIRE(!graphviz.read("number").empty());
  ::kill(program.pid(), SIGKILL);
  BOOST_TEST(program.answer() == "killed by signal 9");
  BOOST_TEST(!graphviz.still_runs());
}
