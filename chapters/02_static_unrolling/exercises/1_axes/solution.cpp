#include <stdexcept>
#include <string>

#include "exercise.hpp"

import rnn.linalg.matrix;
import rnn.linalg.products;

using namespace rnn;

Sequence to_time_major(const Matrix& rows, Index batch, Index steps) {
  Sequence x(steps, batch, rows.size2());
  for (Index i = 0; i < batch; ++i) {
    for (Index t = 0; t < steps; ++t) {
      // Batch-major, the step runs fastest: example i begins at row i·steps.
      for (Index f = 0; f < rows.size2(); ++f) x(t, i, f) = rows(i * steps + t, f);
    }
  }
  return x;
}

std::string shape_error(const Matrix& x, const Matrix& w_x) {
  try {
    product(w_x, x);  // (inputs × n)·(batch × inputs): fits only if n happens to equal the batch
    return "";        // and then nothing complains
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}
