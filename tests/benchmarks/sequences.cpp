// The looping node forward and backward: one tile of chapter 06, the whole batch at once, and long sequences.

#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "work.hpp"
// Imports something, so it comes last.
#include "layer.hpp"

import rnn.autodiff.tape;
import rnn.linalg.matrix;
import rnn.network.unroll;

namespace rnn::bench {

// Operations of one step of one example: forward x·W_x and h·W_y; backward the gradients of W_x and W_y and of h.
static double operations(Index inputs, Index n, Tape::Mode mode) {
  const double forward = 2.0 * double(inputs * n + n * n);
  return mode == Tape::Mode::evaluate ? forward : 2 * forward + 2.0 * double(n * n);
}

static void add_layer(const std::string& name, Index steps, Index batch, Index inputs, Keep keep,
                      Tape::Mode mode = Tape::Mode::record) {
  const Index n = 100;
  const auto layer = std::make_shared<std::weak_ptr<Layer>>();  // for the remark; the data live while it is timed
  measure({.name = name,
           .operations = operations(inputs, n, mode) * double(steps * batch),
           .prepare = [=]() -> std::function<void()> {
             const auto made = std::make_shared<Layer>(steps, batch, inputs, n, keep, mode);
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
  using enum Keep;
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
