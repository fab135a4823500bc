// 02.1 Swap the axes and see the shape error (easy)
#pragma once
#include <string>

import rnn.linalg.matrix;

/// A batch of sequences, time-major, (steps × batch × features).
/// Shapes: rows (batch·steps × features), all steps of example 0, then all steps of example 1, …
rnn::Sequence to_time_major(const rnn::Matrix& rows, rnn::Index batch, rnn::Index steps);

/// What product(w_x, x) says: the text of the std::invalid_argument that it throws, "" if it throws nothing.
/// Shapes: x (batch × inputs), w_x (inputs × n).
std::string shape_error(const rnn::Matrix& x, const rnn::Matrix& w_x);
