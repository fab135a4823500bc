#include <stdexcept>
#include <vector>

#include "exercise.hpp"

import rnn.network.cell; // cell.step(x_t, h_before), cell.state_size()
import rnn.linalg.matrix;
import rnn.autodiff.operations; // slice_time, stack_time
import rnn.autodiff.tape;       // x.rows.tape() is the tape of x

using namespace rnn;

SequenceVar unroll(const Cell& cell, SequenceVar x, Var h_start) { throw std::logic_error("not implemented"); }
