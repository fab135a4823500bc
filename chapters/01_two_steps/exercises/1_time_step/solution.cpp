#include "exercise.hpp"

import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;

using namespace rnn;

Matrix time_step(const Matrix& x, const Matrix& h_before, const Matrix& w_x, const Matrix& w_y, const Matrix& b) {
  Matrix h = product(x, w_x);     // (batch × n) = (batch × inputs)·(inputs × n): what the neurons see
  add_product(h_before, w_y, h);  // + (batch × n)·(n × n): what they remember
  add_bias(b, h);                 // each row + (1 × n)
  apply(Activation::tanh, h, h);  // element by element, in place
  return h;
}
