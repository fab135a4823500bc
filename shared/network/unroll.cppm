/// From one time step to a sequence: the cell repeated on the tape, or looping inside one node.
export module rnn.network.unroll;

import rnn.autodiff.tape;
import rnn.base.caller;
import rnn.base.std;
import rnn.linalg.matrix;
import rnn.network.cell;

export namespace rnn {

/// The result of unrolling. n is the size of the cell's output.
struct Unrolled {
  SequenceVar outputs;  // (T × batch × n): the output of each step; zero past the end of a shorter sequence
  Var state;            // (batch × n): the output of the last step, or of a shorter sequence's own last step
  Var carry;            // (batch × carry): all that a next step would need; the state itself, unless the cell has more
};

struct UnrollOptions {
  /// The carry before the first step, (batch × carry). An empty Var means zero.
  Var initial_state = {};

  /// How many steps of each example are valid, 0 … T; one number for each, or none when all are full. Inputs past an
  /// example's end change nothing, not even if they are NaN, and get no gradient.
  std::span<const Index> lengths = {};
};

/// Calls the cell once for each step: about four nodes a step for the basic cell, each with its value (the notebook's
/// static_rnn). Throws CallError when shapes or lengths do not fit, as the others do.
Unrolled unroll_static(const Cell& cell, SequenceVar x, const UnrollOptions& options = {},
                       Caller caller = Caller::current());

/// The same numbers from one looping node, which keeps the carries and what the cell saves (the notebook's
/// dynamic_rnn). T, the length of x, may be anything; if it is 0, the carry is the initial one.
Unrolled unroll_dynamic(Cell& cell, SequenceVar x, const UnrollOptions& options = {},
                        Caller caller = Caller::current());

/// What the looping node of `final_state` keeps for the backward pass.
enum class Keep {
  every_state,         // of all T steps
  square_root_states,  // of about 2·√T steps, or of 192 rows where √T steps are fewer; the others are recomputed
};

/// Only the state after the last step, (batch × n). On a tape that only evaluates, it keeps two steps, however long the
/// sequence is. Gradients have the same bits whatever is kept.
Var final_state(Cell& cell, SequenceVar x, const UnrollOptions& options = {}, Keep keep = Keep::every_state,
                Caller caller = Caller::current());

}  // namespace rnn

// Only for the implementation units of this module.
namespace rnn {

/// Throws CallError when shapes or lengths do not fit the cell.
void require_fit(const Cell& cell, const SequenceVar& x, const UnrollOptions& options, Caller caller);

}  // namespace rnn
