module;

/// The looping node: all time steps of a cell in one node of the tape.
export module rnn.network.unroll.loop;

import rnn.autodiff.tape;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.unroll.history;
import rnn.network.unroll.mask;

export namespace rnn {

/// It lives on the tape; everything in it is a view of the tape's memory.
struct Loop {
  Cell* cell;
  SequenceVar x;         // (T × batch × inputs)
  Var initial;           // the carry before the first step; empty: zero
  Mask mask = {};        // of padding
  History history = {};  // what is kept of the steps
  Var carry = {};        // the node itself: its value is each example's carry after its own last step
  Var outputs = {};      // the outputs of all steps; empty if nobody asked for them

  /// Steps 0 … T − 1, and the final carry.
  void forward() const;

  /// From the gradients of the final carry and of the outputs, computes those of the inputs, the weights and the
  /// initial carry.
  void backward();

  /// How many steps make a group: the gradients of their weights come from one product, long enough to be fast and
  /// short enough for its operands to stay in the cache.
  static Index steps_of_a_group(Index batch);

 private:
  struct Scratch {
    View dcarry, dcarry_before;               // gradients of a carry (batch × carry)
    View dvalid;                              // dcarry without the rows of ended examples
    View clean;                               // a group's inputs without padding (group·batch × inputs)
    PreActivationGradients<PackedMatrix> da;  // of a group of steps
  };
  struct Group {  // steps begin … end − 1
    Index begin, end;
  };
  ConstView carry_before(Index t) const;
  void compute_again(Index begin, Index end) const;
  void backward_group(Group group, Scratch& scratch) const;
  void backward_step(Index t, ConstView x_t, const PreActivationGradients<const PackedSlot>& da,
                     Scratch& scratch) const;
  void backward_weights(Group group, ConstView inputs, const Scratch& scratch) const;
  ConstView clean_inputs(Group group, const Scratch& scratch) const;
};

}  // namespace rnn
