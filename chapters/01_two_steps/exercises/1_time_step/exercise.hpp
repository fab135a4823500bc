// 01.1 Write a time step (easy)
#pragma once

import rnn.linalg.matrix;

/// tanh(x·W_x + h_before·W_y + b), (batch × n).
/// Shapes: x (batch × inputs), h_before (batch × n), w_x (inputs × n), w_y (n × n), b (1 × n).
rnn::Matrix time_step(const rnn::Matrix& x, const rnn::Matrix& h_before, const rnn::Matrix& w_x, const rnn::Matrix& w_y,
                      const rnn::Matrix& b);
