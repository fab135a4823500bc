module;
#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

module rnn.training.clipping;

import rnn.linalg.elementwise;
import rnn.linalg.matrix;

namespace rnn {

Real global_norm(ConstView gradients) {
  double squares = 0;
  for (Index i = 0; i < gradients.rows; ++i) {
    for (Index j = 0; j < gradients.columns; ++j) squares += double(gradients(i, j)) * double(gradients(i, j));
  }
  return static_cast<Real>(std::sqrt(squares));
}

Real clip_by_global_norm(View gradients, Real max_norm) {
  if (!(max_norm > 0)) {
    throw std::invalid_argument(fmt::format("clip_by_global_norm: max_norm must be above 0, got {}", max_norm));
  }
  const Real norm = global_norm(gradients);
  if (std::isfinite(norm) && norm > max_norm) scale(max_norm / norm, gradients);
  return norm;
}

}  // namespace rnn
