module;
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

module rnn.autodiff.graph;

import rnn.autodiff.tape;
import rnn.linalg.matrix;

namespace rnn {

Graph graph_of(const Tape& tape) {
  Graph graph;
  std::map<std::string, int> uses;
  for (Index i = 0; i < tape.size(); ++i) {
    const NodeInfo node = tape.info(i);
    std::string name = node.operation;
    if (node.step != no_step) name += fmt::format("_{}", node.step);
    const int use = ++uses[name];
    if (use > 1) name += fmt::format(" ({})", use);
    graph.nodes.push_back(
        {name, node.operation, {node.inputs.begin(), node.inputs.end()}, node.step, node.rows, node.columns});
  }
  return graph;
}

void print_nodes(std::ostream& out, const Graph& graph) {
  const std::vector<Graph::Node>& nodes = graph.nodes;
  Index last_step = 0;
  for (const Graph::Node& node : nodes) {
    if (node.step != no_step) last_step = std::max(last_step, node.step);
  }
  const auto shown = [&](Index step) { return step == no_step || last_step < 8 || step < 3 || step + 3 > last_step; };
  bool gap = false;
  for (Index i = 0; i < nodes.size(); ++i) {
    const Index step = nodes[i].step;
    const bool first = i == 0 || nodes[i - 1].step != step;
    if (!shown(step)) {
      if (!std::exchange(gap, true)) out << "\n  ...";
      continue;
    }
    if (first) out << (step == no_step ? (i == 0 ? " " : "\n ") : fmt::format("\n  t={} ", step));
    out << ' ' << nodes[i].name;
  }
  out << '\n';
}

}  // namespace rnn
