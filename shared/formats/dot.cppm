/// Graphs in the DOT language, and drawings of them by Graphviz.
export module rnn.formats.dot;

import rnn.autodiff.graph;
import rnn.base.std;

export namespace rnn {

/// The graph in the DOT language, data flowing downward: a column for each time step, from left to right; what comes
/// from outside (inputs and weights, shared by all steps) above them, each with a color of its own; edges from one step
/// to another in bold.
/// Source: https://graphviz.org/doc/info/lang.html.
std::string to_dot(const Graph& graph, const std::string& title);

/// Writes the graph as DOT or, if the name ends in .svg (lower or upper case), as a drawing made by Graphviz. Throws
/// FileError when the file cannot be written, when Graphviz is missing or fails, or when it takes longer than `limit`:
/// a graph of a thousand steps keeps it busy for hours.
void write_graph(const std::filesystem::path& path, const Graph& graph, const std::string& title,
                 std::chrono::milliseconds limit = std::chrono::seconds(60));

}  // namespace rnn
