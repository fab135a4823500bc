#include <span>
#include <stdexcept>

#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;

Matrix mask(std::span<const Index> lengths, Index steps) { throw std::logic_error("not implemented"); }
