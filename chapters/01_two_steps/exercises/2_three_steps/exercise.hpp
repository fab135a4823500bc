// 01.2 Unroll three steps by hand (medium)
#pragma once

import rnn.linalg.matrix;

/// The outputs of three steps with the same weights, (3 × batch × n): h = tanh(x[t]·W_x + h_before·W_y + b).
/// Shapes: x (3 × batch × inputs), h_start (batch × n), w_x (inputs × n), w_y (n × n), b (1 × n).
rnn::Sequence three_steps(const rnn::Sequence& x, const rnn::Matrix& h_start, const rnn::Matrix& w_x,
                          const rnn::Matrix& w_y, const rnn::Matrix& b);
