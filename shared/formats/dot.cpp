module;
#include <fmt/format.h>

#include <iterator>
#include <map>
#include <string>

module rnn.formats.dot;

import rnn.autodiff.graph;
import rnn.autodiff.tape;
import rnn.linalg.matrix;

namespace rnn {

namespace {

// Of the same lightness, and distinct for color-blind readers (Okabe and Ito's, without the yellow).
constexpr const char* colors[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"};

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::string quoted(const std::string& text) { return '"' + escaped(text) + '"'; }

std::string node_line(const Graph::Node& node, const std::string& style) {
  // A literal \n in the file starts a new line of the label.
  return fmt::format("  \"{0}\" [label=\"{0}\\n{1} × {2}\"{3}];\n", escaped(node.name), node.rows, node.columns, style);
}

// Graphviz puts the head of an edge below its tail. Between time steps this would turn the columns into a staircase, so
// such an edge is written from head to tail, with its arrow at the other end.
std::string edge_line(const std::string& from, const std::string& to, bool forward_in_time, const std::string& style) {
  if (forward_in_time) return fmt::format("  {} -> {} [dir=back, penwidth=2.5];\n", quoted(to), quoted(from));
  return fmt::format("  {} -> {}{};\n", quoted(from), quoted(to), style.empty() ? "" : " [" + style + "]");
}

}  // namespace

std::string to_dot(const Graph& graph, const std::string& title) {
  std::map<Index, std::string> colors_of_leaves;
  std::map<Index, std::string> steps;  // the nodes of each step
  std::string outside, edges;
  for (Index i = 0; i < graph.nodes.size(); ++i) {
    const Graph::Node& node = graph.nodes[i];
    std::string& place = node.step == no_step ? outside : steps[node.step];
    std::string style;
    if (node.inputs.empty()) {
      const char* color = colors[colors_of_leaves.size() % std::size(colors)];
      colors_of_leaves[i] = fmt::format("color=\"{}\"", color);
      style = fmt::format(", shape=ellipse, {}, fontcolor=\"{}\"", colors_of_leaves[i], color);
    }
    place += node_line(node, style);
    for (const Index input : node.inputs) {
      const Graph::Node& from = graph.nodes[input];
      const bool forward_in_time = from.step != no_step && node.step != no_step && from.step != node.step;
      edges += edge_line(from.name, node.name, forward_in_time, colors_of_leaves[input]);
    }
  }

  std::string dot = fmt::format("digraph {} {{\n", quoted(title));
  dot += "  graph [ordering=out, nodesep=0.3, ranksep=0.6, fontname=\"Helvetica\"];\n";
  dot += "  node [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=11];\n";
  dot += "  edge [arrowsize=0.6];\n" + outside;
  for (const auto& [step, nodes] : steps) {
    dot +=
        fmt::format("  subgraph \"cluster_{0}\" {{\n  label=\"t = {0}\"; color=\"#bbbbbb\";\n{1}  }}\n", step, nodes);
  }
  return dot + edges + "}\n";
}

}  // namespace rnn
