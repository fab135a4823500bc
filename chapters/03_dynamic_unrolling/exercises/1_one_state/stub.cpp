#include <stdexcept>

#include "exercise.hpp"

import rnn.linalg.activation;  // Activation::tanh
import rnn.linalg.elementwise; // add_bias, apply
import rnn.linalg.products;    // product, add_product
import rnn.linalg.matrix;

using namespace rnn;

Matrix last_state(const Sequence& x, const Matrix& h_start, const Matrix& w_x, const Matrix& w_y, const Matrix& b) {
  throw std::logic_error("not implemented");
}
