#include "exercise.hpp"

import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;

using namespace rnn;

// Block number k of the columns of a, each n wide.
static Matrix block(const Matrix& a, Index k, Index n) { return to_matrix(ConstView(a).columns_from(k * n, n)); }

Matrix gru_step(const Matrix& x, const Matrix& h_before, const GruWeights& weights) {
  const Index n = h_before.size2();
  Matrix a = product(x, weights.w_x);  // (batch × 3n), the inputs' side
  add_bias(weights.b, a);
  const Matrix u = product(h_before, weights.w_y);  // (batch × 3n), the recurrent side

  Matrix r = block(a, 0, n), z = block(a, 1, n), candidate = block(a, 2, n), q = block(u, 2, n);
  add(block(u, 0, n), r);
  apply(Activation::sigmoid, r, r);
  add(block(u, 1, n), z);
  apply(Activation::sigmoid, z, z);

  // The reset gate multiplies the product, not the state that goes into it; the bias b_y is inside.
  add_bias(weights.b_y, q);
  add_multiplied(r, q, candidate);
  apply(Activation::tanh, candidate, candidate);

  Matrix h(x.size1(), n);
  for (Index i = 0; i < h.size1(); ++i) {
    for (Index j = 0; j < n; ++j) h(i, j) = (1 - z(i, j)) * candidate(i, j) + z(i, j) * h_before(i, j);
  }
  return h;
}
