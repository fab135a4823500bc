#include <boost/test/unit_test.hpp>
#include <sstream>
#include <string>
#include <vector>

import rnn.autodiff.graph;
import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.matrix;

using namespace rnn;

namespace {

// h ← tanh(h·w), with `steps` steps.
struct Chain {
  explicit Chain(Index steps) {
    const Var shared = tape.variable(w, "w");
    Var h = tape.constant(start, "start");
    for (Index t = 0; t < steps; ++t) {
      tape.set_step(t);
      h = rnn::tanh(matmul(h, shared));
    }
    tape.set_step(no_step);
    sum(h);
  }
  Matrix w = Matrix(3, 3, Real(0.5)), start = Matrix(2, 3, Real(1));
  Tape tape;
};

std::string printed(const Tape& tape) {
  std::ostringstream out;
  print_nodes(out, graph_of(tape));
  return out.str();
}

std::vector<std::string> names_of(const Tape& tape) {
  std::vector<std::string> names;
  for (const Graph::Node& node : graph_of(tape).nodes) names.push_back(node.name);
  return names;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_AUTO_TEST_CASE(a_node_is_named_after_its_operation_and_step) {
  const Chain chain(2);
  const std::vector<std::string> expected{"w", "start", "MatMul_0", "Tanh_0", "MatMul_1", "Tanh_1", "Sum"};
  BOOST_TEST(names_of(chain.tape) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_name_stands_twice) {
  const Matrix a(2, 2, Real(1));
  Tape tape;
  const Var x = tape.variable(a, "x");
  tape.set_step(4);
  add(add(x, x), x);
  const std::vector<std::string> expected{"x", "Add_4", "Add_4 (2)"};
  BOOST_TEST(names_of(tape) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_nodes_of_a_step_are_printed_on_a_line) {
  BOOST_TEST(printed(Tape()) == "\n");
  BOOST_TEST(printed(Chain(0).tape) == "  w start Sum\n");
  BOOST_TEST(printed(Chain(2).tape) == "  w start\n  t=0  MatMul_0 Tanh_0\n  t=1  MatMul_1 Tanh_1\n  Sum\n");
}

BOOST_AUTO_TEST_CASE(of_many_steps_the_first_and_the_last_are_printed) {
  BOOST_TEST(!contains(printed(Chain(8).tape), "..."));
  BOOST_TEST(printed(Chain(9).tape) ==
             "  w start\n  t=0  MatMul_0 Tanh_0\n  t=1  MatMul_1 Tanh_1\n  t=2  MatMul_2 Tanh_2\n  ...\n"
             "  t=6  MatMul_6 Tanh_6\n  t=7  MatMul_7 Tanh_7\n  t=8  MatMul_8 Tanh_8\n  Sum\n");
}
