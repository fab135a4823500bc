// 02.2 Unroll any number of steps (medium)
#pragma once

import rnn.autodiff.tape;
import rnn.linalg.matrix;
import rnn.network.cell;

/// The state after each step, (T × batch × n): the cell called once for each step, on its tape.
/// Shapes: x (T × batch × inputs; T may be 0), h_start (batch × n).
rnn::SequenceVar unroll(const rnn::Cell& cell, rnn::SequenceVar x, rnn::Var h_start);
