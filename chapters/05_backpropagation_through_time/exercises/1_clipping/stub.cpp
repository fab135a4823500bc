#include <cmath>
#include <stdexcept>

#include "exercise.hpp"

import rnn.linalg.matrix; // View: gradients(i, j), gradients.rows, gradients.columns

using namespace rnn;

Real clip(View gradients, Real limit) { throw std::logic_error("not implemented"); }
