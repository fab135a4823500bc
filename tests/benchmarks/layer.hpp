#pragma once
// A recurrent layer by itself: its last state, and the gradients of its weights.

#include <string>
#include <vector>

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.random;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.initializers;
import rnn.network.unroll;

namespace rnn::bench {

/// What to measure.
struct LayerShape {
  Index steps, batch, inputs;
  std::string cell = "rnn";
  Keep keep = Keep::every_state;
  Tape::Mode mode = Tape::Mode::record;
  Index n = 100;
};

struct Layer {
  explicit Layer(const LayerShape& shape)
      : kind(find_cell_kind(shape.cell)),
        keep(shape.keep),
        x(shape.steps, shape.batch, shape.inputs),
        tape(shape.mode) {
    Engine engine = seeded(1);
    random_normal(x.rows(), engine, 1);
    for (const auto& [name, rows, columns] : kind.parameters(shape.inputs, shape.n)) {
      random_normal(weights.emplace_back(rows, columns), engine, 0.1);
    }
  }

  void run() {
    tape.clear();
    vars.clear();
    for (const Matrix& weight : weights) vars.push_back(tape.variable(weight));
    const Var state = final_state(kind.make(vars, Activation::tanh), tape.constant(x), {}, keep);
    if (tape.recording()) tape.backward(sum(state));
  }

  const CellKind& kind;
  Keep keep;
  Sequence x;
  std::vector<Matrix> weights;
  std::vector<Var> vars;
  Tape tape;
};

/// Floating-point operations of one step of one example: forward x·W_x and h·W_y; backward the gradients of W_x and W_y
/// and of h. Gates and activations are not counted.
inline double operations_of_step(const LayerShape& shape) {
  const double columns = double(find_cell_kind(shape.cell).parameters(shape.inputs, shape.n)[0].columns);
  const double forward = 2.0 * double(shape.inputs + shape.n) * columns;
  return shape.mode == Tape::Mode::evaluate ? forward : 2 * forward + 2.0 * double(shape.n) * columns;
}

}  // namespace rnn::bench
