#include <algorithm>

#include "exercise.hpp"

import rnn.autodiff.tape;
import rnn.linalg.matrix;

using namespace rnn;

Var my_relu(Var x) {
  Tape& tape = x.tape();
  const Var y = tape.add("MyRelu", {x}, x.rows(), x.columns());

  const ConstView in = x.value();
  const View out = tape.output(y);
  for (Index i = 0; i < in.rows; ++i) {
    for (Index j = 0; j < in.columns; ++j) out(i, j) = std::max(in(i, j), Real(0));
  }

  // Runs later, in the backward pass. It captures the two Vars by value: `in` and `out` would do too, x and y are
  // clearer.
  tape.on_backward(y, [=] {
    const View dx = x.gradient(), dy = y.gradient();
    for (Index i = 0; i < dx.rows; ++i) {
      for (Index j = 0; j < dx.columns; ++j) {
        if (x.value()(i, j) > 0) dx(i, j) += dy(i, j);  // +=: others may use x as well
      }
    }
  });
  return y;
}
