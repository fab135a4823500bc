#include <span>

#include "exercise.hpp"

import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;

using namespace rnn;

StepResult masked_step(Index t, std::span<const Index> lengths, const Matrix& x, const Matrix& h_before,
                       const Matrix& w_x, const Matrix& w_y, const Matrix& b) {
  // The whole batch as usual: rows do not mix, so a NaN stays in its own row.
  Matrix h = product(x, w_x);  // (batch × n)
  add_product(h_before, w_y, h);
  add_bias(b, h);
  apply(Activation::tanh, h, h);

  StepResult result{h, h};
  for (Index i = 0; i < h.size1(); ++i) {
    if (t < lengths[i]) continue;
    // Over: choose, do not multiply by a mask, since 0 · NaN is NaN.
    for (Index j = 0; j < h.size2(); ++j) {
      result.output(i, j) = 0;
      result.state(i, j) = h_before(i, j);
    }
  }
  return result;
}
