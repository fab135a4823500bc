#include <cmath>

#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;

void adam_step(Matrix& w, const Matrix& g, Moments& moments, double learning_rate) {
  const double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  auto& [m, v, steps] = moments;
  ++steps;  // the first step is k = 1: with k = 0 the corrections would divide by zero

  // m and v begin at zero and are too small at first; these factors make up for it.
  const double correct_m = 1 / (1 - std::pow(beta1, double(steps)));
  const double correct_v = 1 / (1 - std::pow(beta2, double(steps)));
  for (Index i = 0; i < w.size2(); ++i) {
    const double gradient = g(0, i);
    m(0, i) = static_cast<Real>(beta1 * m(0, i) + (1 - beta1) * gradient);             // where to
    v(0, i) = static_cast<Real>(beta2 * v(0, i) + (1 - beta2) * gradient * gradient);  // how large, usually
    w(0, i) -= static_cast<Real>(learning_rate * m(0, i) * correct_m / (std::sqrt(v(0, i) * correct_v) + epsilon));
  }
}
