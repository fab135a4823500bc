module;
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

module rnn.graph;

import rnn.matrix;
import rnn.tape;

namespace rnn {

namespace {

// Of the same lightness, and told apart by readers who do not see all colours (Okabe and Ito's, without the yellow).
constexpr const char* colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"};

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::string quoted(const std::string& text) { return '"' + escaped(text) + '"'; }

std::string node_line(const std::string& name, const NodeInfo& node, const std::string& style) {
  // \n, as it stands in the file, starts a new line of the label.
  return fmt::format("  \"{0}\" [label=\"{0}\\n{1} × {2}\"{3}];\n", escaped(name), node.rows, node.columns, style);
}

// Graphviz puts the head of an edge below its tail. From one step to the next this would make a staircase of the
// columns, so that such an edge is written from head to tail, with its arrow at the other end.
std::string edge_line(const std::string& from, const std::string& to, bool forward_in_time, const std::string& style) {
  if (forward_in_time) return fmt::format("  {} -> {} [dir=back, penwidth=2.5];\n", quoted(to), quoted(from));
  return fmt::format("  {} -> {}{};\n", quoted(from), quoted(to), style.empty() ? "" : " [" + style + "]");
}

}  // namespace

std::vector<std::string> node_names(const Tape& tape) {
  std::vector<std::string> names;
  std::map<std::string, int> uses;
  for (Index i = 0; i < tape.size(); ++i) {
    const NodeInfo node = tape.info(i);
    std::string name = node.operation;
    if (node.step != no_step) name += fmt::format("_{}", node.step);
    const int use = ++uses[name];
    if (use > 1) name += fmt::format(" ({})", use);
    names.push_back(name);
  }
  return names;
}

void print_nodes(std::ostream& out, const Tape& tape) {
  const std::vector<std::string> names = node_names(tape);
  Index last_step = 0;
  for (Index i = 0; i < tape.size(); ++i) {
    if (tape.info(i).step != no_step) last_step = std::max(last_step, tape.info(i).step);
  }
  const auto shown = [&](Index step) { return step == no_step || last_step < 8 || step < 3 || step + 3 > last_step; };
  bool gap = false;
  for (Index i = 0; i < tape.size(); ++i) {
    const Index step = tape.info(i).step;
    const bool first = i == 0 || tape.info(i - 1).step != step;
    if (!shown(step)) {
      if (!std::exchange(gap, true)) out << "\n  ...";
      continue;
    }
    if (first) out << (step == no_step ? (i == 0 ? " " : "\n ") : fmt::format("\n  t={} ", step));
    out << ' ' << names[i];
  }
  out << '\n';
}

std::string to_dot(const Tape& tape, const std::string& title) {
  const std::vector<std::string> names = node_names(tape);
  std::map<Index, std::string> colours_of_leaves;
  std::map<Index, std::string> steps;  // the nodes of each step
  std::string outside, edges;
  for (Index i = 0; i < tape.size(); ++i) {
    const NodeInfo node = tape.info(i);
    std::string& place = node.step == no_step ? outside : steps[node.step];
    std::string style;
    if (node.inputs.empty()) {
      const char* colour = colours[colours_of_leaves.size() % std::size(colours)];
      colours_of_leaves[i] = fmt::format("color=\"{}\"", colour);
      style = fmt::format(", shape=ellipse, {}, fontcolor=\"{}\"", colours_of_leaves[i], colour);
    }
    place += node_line(names[i], node, style);
    for (const Index input : node.inputs) {
      const Index from = tape.info(input).step;
      const bool forward_in_time = from != no_step && node.step != no_step && from != node.step;
      edges += edge_line(names[input], names[i], forward_in_time, colours_of_leaves[input]);
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
