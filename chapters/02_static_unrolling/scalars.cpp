module;
#include <fmt/format.h>

#include <iostream>

// 02_static_unrolling scalars: the smallest tape worth looking at. The page on autodiff has its picture.
module static_unrolling.commands;

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.console.options;
import rnn.linalg.matrix;

using namespace rnn;

namespace static_unrolling {

int scalars(int argc, char** argv) {
  Options options("02_static_unrolling scalars",
                  "Five numbers on a tape, y = tanh(w * h + h): their values after the forward pass, their gradients\n"
                  "after the backward pass.");
  options.group("The two that are given");
  const auto given_w = options.real("w", 0.5, {-100, 100}, "a weight");
  const auto given_h = options.real("h", 0.8, {-100, 100}, "a number that is used twice");
  options.example("--h 0", "how much does w matter then?");
  options.example("--w 3", "tanh far out, where it is flat");

  return options.run(argc, argv, [&] {
    const Matrix one(1, 1, Real(*given_w)), other(1, 1, Real(*given_h));
    Tape tape;
    const Var w = tape.variable(one, "w");
    const Var h = tape.variable(other, "h");
    const Var p = multiply(w, h);  // dw += dp·h, dh += dp·w
    const Var a = add(p, h);       // dp += da,   dh += da
    const Var y = tanh(a);         // da += dy·(1 − y²)
    tape.backward(y);              // dy = 1

    std::cout << "              value  gradient\n";
    const auto line = [](const char* name, Var v) {
      std::cout << fmt::format("{:12}  {:6.4f}   {:7.4f}\n", name, v.value()(0, 0), v.gradient()(0, 0));
    };
    line("w", w);
    line("h", h);
    line("p = w * h", p);
    line("a = p + h", a);
    line("y = tanh(a)", y);
    return 0;
  });
}

}  // namespace static_unrolling
