// Chapter 01's two time steps, for its widget: the same lines as in chapters/01_two_steps/main.cpp.
#include <cstddef>
#include <vector>

import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;

using namespace rnn;

/// For one sequence of two steps. Given, one after the other: x (2 × inputs), W_x (inputs × n), W_y (n × n), b (n),
/// y_start (n). Returned: what tanh is applied to, then its results, each (2 × n).
extern "C" [[clang::export_name("compute")]] const float* compute(const float* numbers, std::size_t inputs,
                                                                  std::size_t n) {
  static std::vector<float> results;
  const auto next = [&](Index rows, Index columns) {
    const ConstView view(numbers, rows, columns);
    numbers += rows * columns;
    return view;
  };
  const ConstView x = next(2, inputs), w_x = next(inputs, n), w_y = next(n, n), b = next(1, n), y_start = next(1, n);

  Matrix y0 = product(x.rows_from(0, 1), w_x);
  add_product(y_start, w_y, y0);
  add_bias(b, y0);
  results.assign(y0.data().begin(), y0.data().end());
  apply(Activation::tanh, y0, y0);

  Matrix y1 = product(x.rows_from(1, 1), w_x);
  add_product(y0, w_y, y1);
  add_bias(b, y1);
  results.insert(results.end(), y1.data().begin(), y1.data().end());
  apply(Activation::tanh, y1, y1);

  results.insert(results.end(), y0.data().begin(), y0.data().end());
  results.insert(results.end(), y1.data().begin(), y1.data().end());
  return results.data();
}
