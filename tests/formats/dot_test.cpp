#include <boost/test/unit_test.hpp>
#include <string>

import rnn.autodiff.graph;
import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.formats.dot;
import rnn.linalg.matrix;

using namespace rnn;

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
}

BOOST_AUTO_TEST_CASE(quotes_in_a_name_do_not_end_it) {
  const Matrix a(1, 1, Real(1));
  Tape tape;
  tape.variable(a, "the \"x\" \\");
  BOOST_TEST(contains(to_dot(graph_of(tape), "a \"title\""), "digraph \"a \\\"title\\\"\" {"));
  BOOST_TEST(contains(to_dot(graph_of(tape), "a"), "\"the \\\"x\\\" \\\\\" [label=\"the \\\"x\\\" \\\\\\n1 × 1\""));
}
