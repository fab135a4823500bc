#include <stdexcept>

#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;

Index tape_nodes(Index steps) { throw std::logic_error("not implemented"); }
