#pragma once
// A recurrent layer of its own: its last state, and the gradients of its weights.

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.random;
import rnn.linalg.matrix;
import rnn.network.cell.basic;
import rnn.network.initializers;
import rnn.network.unroll;

namespace rnn::bench {

struct Layer {
  Layer(Index steps, Index batch, Index inputs, Index n, Keep keep = Keep::every_state,
        Tape::Mode mode = Tape::Mode::record)
      : keep(keep), x(steps, batch, inputs), w_x(inputs, n), w_y(n, n), b(1, n, Real(0)), tape(mode) {
    Engine engine = seeded(1);
    random_normal(x.rows(), engine, 1);
    random_normal(w_x, engine, 0.1);
    random_normal(w_y, engine, 0.1);
  }

  void run() {
    tape.clear();
    const Var w_x_var = tape.variable(w_x), w_y_var = tape.variable(w_y), b_var = tape.variable(b);
    BasicRnnCell& cell = BasicRnnCell::make(w_x_var, w_y_var, b_var);
    const Var state = final_state(cell, tape.constant(x), {}, keep);
    if (tape.recording()) tape.backward(sum(state));
  }

  Keep keep;
  Sequence x;
  Matrix w_x, w_y, b;
  Tape tape;
};

}  // namespace rnn::bench
