// The looping node forward and backward: one tile of chapter 06, the whole batch at once, and long sequences.

#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "work.hpp"

import rnn.cell;
import rnn.initializers;
import rnn.matrix;
import rnn.operations;
import rnn.random;
import rnn.tape;
import rnn.unroll;

namespace rnn::bench {

struct Layer {
  Layer(Index steps, Index batch, Index inputs, Index n, History history, Tape::Mode mode)
      : history(history), x(steps, batch, inputs), w_x(inputs, n), w_y(n, n), b(1, n, Real(0)), tape(mode) {
    Engine engine = seeded(1);
    random_normal(x.rows(), engine, 1);
    random_normal(w_x, engine, 0.1);
    random_normal(w_y, engine, 0.1);
  }

  void run() {
    tape.clear();
    const Var w_x_var = tape.variable(w_x), w_y_var = tape.variable(w_y), b_var = tape.variable(b);
    BasicRnnCell& cell = BasicRnnCell::make(w_x_var, w_y_var, b_var);
    const Var state = final_state(cell, tape.constant(x), {}, history);
    if (tape.recording()) tape.backward(sum(state));
  }

  History history;
  Sequence x;
  Matrix w_x, w_y, b;
  Tape tape;
};

// Operations of one step of one example: forward x·W_x and h·W_y; backward the gradients of W_x and W_y and of h.
static double operations(Index inputs, Index n, Tape::Mode mode) {
  const double forward = 2.0 * double(inputs * n + n * n);
  return mode == Tape::Mode::evaluate ? forward : 2 * forward + 2.0 * double(n * n);
}

static void add_layer(const std::string& name, Index steps, Index batch, Index inputs, History history,
                      Tape::Mode mode = Tape::Mode::record) {
  const Index n = 100;
  const auto layer = std::make_shared<std::weak_ptr<Layer>>();  // for the remark; the data live while it is timed
  measure({.name = name,
           .operations = operations(inputs, n, mode) * double(steps * batch),
           .prepare = [=]() -> std::function<void()> {
             const auto made = std::make_shared<Layer>(steps, batch, inputs, n, history, mode);
             *layer = made;
             return [made] { made->run(); };
           },
           .remark =
               [=] {
                 char text[64];
                 std::snprintf(text, sizeof text, "keeps %.2f MiB",
                               double(layer->lock()->tape.bytes_kept()) / (1 << 20));
                 return std::string(text);
               }});
}

void add_sequences() {
  using enum History;
  add_layer("layer: 28 steps, batch 48, forward", 28, 48, 28, every_state, Tape::Mode::evaluate);
  add_layer("layer: 28 steps, batch 48", 28, 48, 28, every_state);
  add_layer("layer: 28 steps, batch 1000", 28, 1000, 28, every_state);
  for (const Index steps : {100, 1000, 10000}) {
    if (only_once() && steps > 100) break;
    const std::string name = "long: " + std::to_string(steps) + " steps, batch 32";
    add_layer(name, steps, 32, 32, every_state);
    add_layer(name + ", square root", steps, 32, 32, square_root_states);
  }
}

}  // namespace rnn::bench
