module;
#include <span>

/// From one time step to a sequence: the cell repeated on the tape, or looping inside one node.
export module rnn.network.unroll;

import rnn.autodiff.tape;
import rnn.linalg.matrix;
import rnn.network.cell;

export namespace rnn {

/// What unrolling gives. n is the size of the cell's state.
struct Unrolled {
  SequenceVar outputs;  // (T × batch × n): the state after each step; zero past the end of a shorter sequence
  Var state;            // (batch × n): the state after the last step; of a shorter sequence after its own last
};

struct UnrollOptions {
  /// The state before the first step, (batch × n). An empty Var is the zero state.
  Var initial_state = {};

  /// How many steps of each example are valid, 0 … T; one for each, or none when all are full.
  /// What stands in the inputs past an example's end changes nothing, not even a NaN, and gets no gradient.
  std::span<const Index> lengths = {};
};

/// The cell once for each step: about four nodes a step, each with its value (the notebook's static_rnn).
/// Throws std::invalid_argument when shapes or lengths do not fit.
Unrolled unroll_static(const Cell& cell, SequenceVar x, const UnrollOptions& options = {});

/// The same numbers from one looping node, which keeps the outputs alone (the notebook's dynamic_rnn); the final state
/// is a second node that copies from them. T is the length of x, any, 0 included: then the state is the initial one.
Unrolled unroll_dynamic(Cell& cell, SequenceVar x, const UnrollOptions& options = {});

/// What the looping node of `final_state` keeps for the backward pass.
enum class History {
  every_state,         // T states
  square_root_states,  // about 2·√T states, or 192 rows where √T states are fewer; the others are computed again
};

/// The state after the last step alone, (batch × n), when no output is asked for. On a tape that only evaluates it
/// keeps two states, however long the sequence. Gradients are the same bits for every history.
Var final_state(Cell& cell, SequenceVar x, const UnrollOptions& options = {}, History history = History::every_state);

}  // namespace rnn

// For the bodies of this module alone: throws std::invalid_argument when shapes or lengths do not fit the cell.
namespace rnn {
void require_fit(const Cell& cell, const SequenceVar& x, const UnrollOptions& options);
}
