#include <stdexcept>

#include "exercise.hpp"

import rnn.linalg.activation;  // Activation::sigmoid, Activation::tanh
import rnn.linalg.elementwise; // apply, add, add_bias, add_multiplied
import rnn.linalg.matrix;      // ConstView(a).columns_from(first, count), to_matrix
import rnn.linalg.products;    // product

using namespace rnn;

Matrix gru_step(const Matrix& x, const Matrix& h_before, const GruWeights& weights) {
  throw std::logic_error("not implemented");
}
