#include <span>
#include <stdexcept>

#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;

Steps steps_of(std::span<const Index> melody, Index none, Index end) { throw std::logic_error("not implemented"); }
