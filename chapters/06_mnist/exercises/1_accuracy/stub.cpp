#include <span>
#include <stdexcept>

#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;

double accuracy(const Matrix& logits, std::span<const Index> labels) { throw std::logic_error("not implemented"); }
