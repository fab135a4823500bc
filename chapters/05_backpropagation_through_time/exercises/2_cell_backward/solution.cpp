#include "exercise.hpp"

import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;

using namespace rnn;

StepGradients backward(const Step& step, const Matrix& dh, const Matrix& w_x, const Matrix& w_y) {
  // h = tanh(a): the slope follows from h itself, so a is no longer needed.
  Matrix da = dh;  // (batch × n)
  for (Index i = 0; i < da.size1(); ++i) {
    for (Index j = 0; j < da.size2(); ++j) da(i, j) *= 1 - step.h(i, j) * step.h(i, j);
  }

  // a = x·W_x + h_before·W_y + b. If you forget where a transpose goes: only one way fits the shapes.
  StepGradients d;
  d.dw_x = product(transposed(step.x), da);         // (inputs × n) = (inputs × batch)·(batch × n)
  d.dw_y = product(transposed(step.h_before), da);  // (n × n) = (n × batch)·(batch × n)
  d.db = Matrix(1, da.size2(), Real(0));
  add_column_sums(da, d.db);                   // b was added to every row, so every row contributes
  d.dx = product(da, transposed(w_x));         // (batch × inputs) = (batch × n)·(n × inputs)
  d.dh_before = product(da, transposed(w_y));  // (batch × n) = (batch × n)·(n × n)
  return d;
}
