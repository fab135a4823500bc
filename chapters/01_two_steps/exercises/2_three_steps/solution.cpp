#include "exercise.hpp"

import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;

using namespace rnn;

Sequence three_steps(const Sequence& x, const Matrix& h_start, const Matrix& w_x, const Matrix& w_y, const Matrix& b) {
  Sequence h(3, x.batch(), w_y.size1());  // (3 × batch × n)

  product(x[0], w_x, h[0]);         // a product can write straight into a step
  add_product(h_start, w_y, h[0]);  // the memory before the first step
  add_bias(b, h[0]);
  apply(Activation::tanh, h[0], h[0]);

  product(x[1], w_x, h[1]);      // the next inputs, the same weights …
  add_product(h[0], w_y, h[1]);  // … and the finished output of the step before
  add_bias(b, h[1]);
  apply(Activation::tanh, h[1], h[1]);

  product(x[2], w_x, h[2]);
  add_product(h[1], w_y, h[2]);
  add_bias(b, h[2]);
  apply(Activation::tanh, h[2], h[2]);
  return h;
}
