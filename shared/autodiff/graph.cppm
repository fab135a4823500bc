/// A tape's nodes as data, to be printed, drawn, or written for other programs.
export module rnn.autodiff.graph;

import rnn.autodiff.tape;
import rnn.base.std;
import rnn.linalg.matrix;

export namespace rnn {

/// A graph of operations, in the order in which they were recorded: a node's inputs come before it.
struct Graph {
  struct Node {
    std::string name;  ///< unique: the operation and the time step it belongs to, "MatMul_0", see graph_of
    std::string operation;
    std::vector<Index> inputs;  ///< positions in `nodes`
    Index step;                 ///< no_step if it belongs to none
    Index rows, columns;        ///< the shape of its value
  };
  std::vector<Node> nodes;
};

/// The graph on a tape. Names that would occur twice are numbered from the second on: "Slice_0 (2)".
Graph graph_of(const Tape& tape);

/// Prints the names, those of one step on one line:
///
///     input w_x w_y b initial_state
///     t=0  Slice_0 MatMul_0 AddMatMul_0 BiasAdd_0 Tanh_0
///     t=1  Slice_1 MatMul_1 AddMatMul_1 BiasAdd_1 Tanh_1
///     Stack
///
/// Of more than eight steps only the first three and the last three are shown.
void print_nodes(std::ostream& out, const Graph& graph);

}  // namespace rnn
