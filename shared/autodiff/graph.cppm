module;
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

/// Drawings of what is on a tape, for Graphviz.
export module rnn.graph;

import rnn.tape;

export namespace rnn {

/// The name of each node: its operation, and the time step that it belongs to, "MatMul_0". Where one name would stand
/// twice, the later ones are numbered: "Slice_0 (2)".
std::vector<std::string> node_names(const Tape& tape);

/// Prints the names, those of one step on one line:
///
///     input w_x w_y b initial_state
///     t=0  Slice_0 MatMul_0 AddMatMul_0 BiasAdd_0 Tanh_0
///     t=1  Slice_1 MatMul_1 AddMatMul_1 BiasAdd_1 Tanh_1
///     Stack
///
/// Of more than eight steps only the first three and the last three are shown.
void print_nodes(std::ostream& out, const Tape& tape);

/// The tape as a graph in the DOT language, data flowing downwards: a column for each time step, from left to right;
/// what enters from outside (inputs and weights, shared by all steps) above them, each with a colour of its own; what
/// goes from one step to another in bold.
/// Source: https://graphviz.org/doc/info/lang.html.
std::string to_dot(const Tape& tape, const std::string& title);

/// Writes the graph as DOT or, where the name ends in .svg, as the drawing that Graphviz makes of it. Throws FileError
/// when the file cannot be written, or Graphviz is not there or fails.
void write_graph(const std::filesystem::path& path, const Tape& tape, const std::string& title);

}  // namespace rnn
