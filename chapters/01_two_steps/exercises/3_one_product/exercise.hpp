// 01.3 One product in place of two (hard)
#pragma once

import rnn.linalg.matrix;

/// tanh([x h_before]·W + b), (batch × n), with a single product.
/// Shapes: x (batch × inputs), h_before (batch × n), w (inputs + n × n; W_x above W_y), b (1 × n).
rnn::Matrix joined_step(const rnn::Matrix& x, const rnn::Matrix& h_before, const rnn::Matrix& w, const rnn::Matrix& b);
