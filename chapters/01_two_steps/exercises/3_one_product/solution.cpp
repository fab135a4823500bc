#include "exercise.hpp"

import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;

using namespace rnn;

Matrix joined_step(const Matrix& x, const Matrix& h_before, const Matrix& w, const Matrix& b) {
  const Index inputs = x.size2(), n = h_before.size2();

  // Row i: the inputs of example i, then the previous outputs of its neurons.
  Matrix joined(x.size1(), inputs + n);  // (batch × inputs + n)
  copy(x, View(joined).columns_from(0, inputs));
  copy(h_before, View(joined).columns_from(inputs, n));

  // Each sum runs over the inputs first and then over the memory: the same terms as in two products.
  Matrix h = product(joined, w);  // (batch × n) = (batch × inputs + n)·(inputs + n × n)
  add_bias(b, h);
  apply(Activation::tanh, h, h);
  return h;
}
