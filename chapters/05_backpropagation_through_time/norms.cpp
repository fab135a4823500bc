module;
#include <boost/random/mersenne_twister.hpp>
#include <cmath>
#include <string>
#include <vector>

module backpropagation.norms;

import rnn.base.random;
import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;
import rnn.network.initializers;
import rnn.training.clipping;

using namespace rnn;

namespace backpropagation {

Norms norms_through_time(const std::string& name, char mark, ConstView w_y, ConstView pre_activations, Activation f) {
  const Index steps = pre_activations.rows, n = w_y.rows;
  Norms norms{.name = name, .mark = mark, .at = std::vector<Real>(steps + 1), .mean_state = 0};

  // Forward: h_t+1 = f(pre_activations_t + h_t·W_y), h_0 = 0.
  Matrix h(steps + 1, n, Real(0));  // row t is h_t
  for (Index t = 0; t < steps; ++t) {
    const View next = View(h).rows_from(t + 1, 1);  // (1 × n)
    copy(pre_activations.rows_from(t, 1), next);
    add_product(View(h).rows_from(t, 1), w_y, next);  // + (1 × n)·(n × n)
    apply(f, next, next);
    for (Index j = 0; j < n; ++j) norms.mean_state += std::abs(next(0, j)) / Real(steps * n);
  }

  // Backward: ∂h_T/∂h_t−1 = W_y·diag(f′)·∂h_T/∂h_t, all (n × n). Each step multiplies by W_y and by f′ once more, and
  // tanh's f′ = 1 − h_t² is never more than 1.
  Matrix back(n, n, Real(0));
  for (Index i = 0; i < n; ++i) back(i, i) = 1;  // ∂h_T/∂h_T
  for (Index t = steps; t > 0; --t) {
    norms.at[t] = global_norm(back) / std::sqrt(Real(n));
    for (Index i = 0; i < n && f == Activation::tanh; ++i) {
      scale(1 - h(t, i) * h(t, i), View(back).rows_from(i, 1));
    }
    back = product(w_y, back);
  }
  norms.at[0] = global_norm(back) / std::sqrt(Real(n));
  return norms;
}

std::vector<Norms> norms_of_three_scales(const RandomSequence& sequence, const std::string& name, Activation f,
                                         double input_size) {
  auto engine = seeded(combine_seeds({sequence.seed, 1}));
  Matrix inputs(sequence.steps, sequence.neurons), w_y(sequence.neurons, sequence.neurons);
  orthogonal(w_y, engine);
  random_normal(inputs, engine, input_size);
  return {norms_through_time(name + " x 0.5", 'o', Matrix(w_y * Real(0.5)), inputs, f),
          norms_through_time(name + " x 1", '+', w_y, inputs, f),
          norms_through_time(name + " x 2", '*', Matrix(w_y * Real(2)), inputs, f)};
}

}  // namespace backpropagation
