#include <cmath>

#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;

Real clip(View gradients, Real limit) {
  double squares = 0;  // in double: the sum of many small squares loses digits in float, large ones overflow
  for (Index i = 0; i < gradients.rows; ++i) {
    for (Index j = 0; j < gradients.columns; ++j) squares += double(gradients(i, j)) * gradients(i, j);
  }
  const double norm = std::sqrt(squares);
  if (norm > limit) {  // one factor for all elements: the direction stays
    for (Index i = 0; i < gradients.rows; ++i) {
      for (Index j = 0; j < gradients.columns; ++j) gradients(i, j) *= static_cast<Real>(limit / norm);
    }
  }
  return static_cast<Real>(norm);
}
