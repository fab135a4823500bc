// A network unrolled over many steps, for the widget of chapters 03 and 05: the sequence and the weights of chapter
// 05's table, in double as there, with W_y an orthogonal matrix times any scale.
#include <cstddef>
#include <cstdint>
#include <vector>

import backpropagation.norms;
import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.random;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.initializers;
import rnn.training.gradient_norms;

using namespace rnn;

/// h_t = tanh(x_t + h_t−1·W_y) for T steps of n neurons, from zero. Returned: h_1 … h_T (T × n); ∂h_T[0]/∂h_t for
/// t = 1 … T (T × n), from the tape; ‖∂h_T/∂h_t‖ for t = 0 … T, as chapter 05 prints it; the mean of |h|.
extern "C" [[clang::export_name("unroll")]] const double* unroll(std::size_t steps, std::size_t n, std::uint32_t seed,
                                                                 double scale_of_w_y, double size_of_x) {
  static std::vector<double> results;
  results.clear();
  auto engine = seeded(combine_seeds({seed, 1}));
  Matrix inputs(steps, n), w_y(n, n);
  orthogonal(w_y, engine);
  random_normal(inputs, engine, size_of_x);
  w_y *= scale_of_w_y;

  Tape tape;
  const Matrix zeros(1, n, Real(0));
  const Var w = tape.constant(w_y), start = tape.variable(zeros);
  std::vector<Var> h = {start};
  for (Index t = 0; t < steps; ++t) {
    h.push_back(tanh(add_matmul(tape.constant(ConstView(inputs).rows_from(t, 1)), h.back(), w)));
  }
  tape.backward(slice_columns(h.back(), 0, 1));
  const auto append = [&](ConstView row) { results.insert(results.end(), row.data, row.data + row.columns); };
  for (Index t = 1; t <= steps; ++t) append(h[t].value());
  for (Index t = 1; t <= steps; ++t) append(h[t].gradient());

  const GradientNorms norms = backpropagation::norms_of("", ' ', w_y, inputs, Activation::tanh);
  results.insert(results.end(), norms.at.begin(), norms.at.end());
  results.push_back(norms.mean_state);
  return results.data();
}
