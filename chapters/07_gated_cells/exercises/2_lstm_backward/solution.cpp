#include <cmath>

#include "exercise.hpp"

import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;

using namespace rnn;

LstmGradients backward(const LstmStep& step, const Matrix& dh, const Matrix& dc, const Matrix& w_y) {
  const Index batch = dh.size1(), n = dh.size2();
  LstmGradients d;
  d.da = Matrix(batch, 4 * n);
  d.dc_before = Matrix(batch, n);
  for (Index k = 0; k < batch; ++k) {
    for (Index j = 0; j < n; ++j) {
      const Real i = step.i(k, j), f = step.f(k, j), g = step.g(k, j), o = step.o(k, j);
      const Real tanh_c = std::tanh(step.c(k, j));

      // h = o ⊙ tanh(c): c gets a part of dh, beside what came along the belt.
      const Real total = dc(k, j) + dh(k, j) * o * (1 - tanh_c * tanh_c);

      // c = f ⊙ c_before + i ⊙ g. Each factor gets the gradient times the other factor, and then goes back through its
      // own function: σ′ = σ(1 − σ), tanh′ = 1 − tanh².
      d.da(k, j) = total * g * i * (1 - i);
      d.da(k, n + j) = total * step.c_before(k, j) * f * (1 - f);
      d.da(k, 2 * n + j) = total * i * (1 - g * g);
      d.da(k, 3 * n + j) = dh(k, j) * tanh_c * o * (1 - o);
      d.dc_before(k, j) = total * f;  // along the belt: no weights, no slope of a tanh
    }
  }

  // a = x·W_x + h_before·W_y + b, as for the basic cell, four times as wide.
  d.dw_x = product(transposed(step.x), d.da);         // (inputs × 4n) = (inputs × batch)·(batch × 4n)
  d.dw_y = product(transposed(step.h_before), d.da);  // (n × 4n) = (n × batch)·(batch × 4n)
  d.db = Matrix(1, 4 * n, Real(0));
  add_column_sums(d.da, d.db);
  d.dh_before = product(d.da, transposed(w_y));  // (batch × n) = (batch × 4n)·(4n × n)
  return d;
}
