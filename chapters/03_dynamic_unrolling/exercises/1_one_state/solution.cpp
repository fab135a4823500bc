#include "exercise.hpp"

import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;

using namespace rnn;

Matrix last_state(const Sequence& x, const Matrix& h_start, const Matrix& w_x, const Matrix& w_y, const Matrix& b) {
  Matrix h = h_start;                 // (batch × n)
  Matrix next(h.size1(), h.size2());  // a product must not write over what it reads: two matrices, however many steps
  for (Index t = 0; t < x.steps(); ++t) {
    product(x[t], w_x, next);
    add_product(h, w_y, next);
    add_bias(b, next);
    apply(Activation::tanh, next, h);  // the new state takes the place of the old one
  }
  return h;
}
