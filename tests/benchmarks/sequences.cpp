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

static void add_layer(const std::string& name, const LayerShape& shape) {
  const auto layer = std::make_shared<std::weak_ptr<Layer>>();  // for the remark; the data live while it is timed
  measure({.name = name,
           .operations = operations_of_step(shape) * double(shape.steps * shape.batch),
           .prepare = [=]() -> std::function<void()> {
             const auto made = std::make_shared<Layer>(shape);
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
  for (const std::string cell : {"rnn", "gru", "lstm"}) {
    const std::string name = cell == "rnn" ? "layer: 28 steps, batch " : "layer: " + cell + ", 28 steps, batch ";
    add_layer(name + "48, forward", {28, 48, 28, cell, every_state, Tape::Mode::evaluate});
    add_layer(name + "48", {28, 48, 28, cell});
    add_layer(name + "1000", {28, 1000, 28, cell});
  }
  for (const Index steps : {100, 1000, 10000}) {
    if (only_once() && steps > 100) break;
    const std::string name = "long: " + std::to_string(steps) + " steps, batch 32";
    add_layer(name, {steps, 32, 32});
    add_layer(name + ", square root", {steps, 32, 32, "rnn", square_root_states});
  }
}

}  // namespace rnn::bench
