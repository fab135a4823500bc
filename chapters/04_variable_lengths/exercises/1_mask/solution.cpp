#include <span>

#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;

Matrix mask(std::span<const Index> lengths, Index steps) {
  Matrix m(steps, lengths.size());
  for (Index t = 0; t < steps; ++t) {
    // Steps count from 0: a sequence of length 2 has the steps 0 and 1.
    for (Index i = 0; i < lengths.size(); ++i) m(t, i) = t < lengths[i] ? 1 : 0;
  }
  return m;
}
