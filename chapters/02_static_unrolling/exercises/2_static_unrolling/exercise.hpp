// 02.2 Unroll any number of steps (medium)
#pragma once

import rnn.cell;
import rnn.matrix;
import rnn.tape;

/// The state after each step, (T × batch × n): the cell called once for each step, on its tape.
/// Shapes: x (T × batch × inputs; T may be 0), h_start (batch × n).
rnn::SequenceVar unroll(const rnn::Cell& cell, rnn::SequenceVar x, rnn::Var h_start);
