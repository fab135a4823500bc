#include <stdexcept>

#include "exercise.hpp"

import rnn.elementwise; // add_column_sums
import rnn.gemm;        // product
import rnn.matrix;      // transposed

using namespace rnn;

StepGradients backward(const Step& step, const Matrix& dh, const Matrix& w_x, const Matrix& w_y) {
  throw std::logic_error("not implemented");
}
