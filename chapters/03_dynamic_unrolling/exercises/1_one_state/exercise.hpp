// 03.1 A loop that keeps one state (easy)
#pragma once

import rnn.linalg.matrix;

/// The state after the last step, (batch × n); h_start when there is none.
/// Shapes: x (T × batch × inputs), h_start (batch × n), w_x (inputs × n), w_y (n × n), b (1 × n).
rnn::Matrix last_state(const rnn::Sequence& x, const rnn::Matrix& h_start, const rnn::Matrix& w_x,
                       const rnn::Matrix& w_y, const rnn::Matrix& b);
