#include <span>
#include <stdexcept>

#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;

MaskedMean masked_mean(const Matrix& losses, std::span<const Index> lengths) {
  throw std::logic_error("not implemented");
}
