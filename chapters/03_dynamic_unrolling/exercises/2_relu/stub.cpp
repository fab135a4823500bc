#include <stdexcept>

#include "exercise.hpp"

import rnn.linalg.matrix;
import rnn.autodiff.tape; // tape.add, tape.output, tape.on_backward

using namespace rnn;

Var my_relu(Var x) { throw std::logic_error("not implemented"); }
