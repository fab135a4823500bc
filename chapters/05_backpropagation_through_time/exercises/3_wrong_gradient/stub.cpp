#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "exercise.hpp"

import rnn.elementwise;    // add_column_sums
import rnn.gemm;           // product
import rnn.gradient_check; // check_gradients, NamedMatrix, GradientError
import rnn.matrix;
import rnn.tape;

using namespace rnn;

std::string which_is_wrong(const Network& network, const Gradients& gradients) {
  throw std::logic_error("not implemented");
}

Gradients right_gradients(const Network& network) { throw std::logic_error("not implemented"); }
