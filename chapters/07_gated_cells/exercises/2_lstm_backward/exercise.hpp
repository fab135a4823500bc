// 07.2 The LSTM's backward pass (hard)
#pragma once

import rnn.linalg.matrix;

/// The inputs of a step and what it saved: all (batch × n), except x (batch × inputs).
struct LstmStep {
  rnn::Matrix x, h_before, c_before;
  rnn::Matrix i, f, g, o;  // the gates after their sigmoids, the candidate after its tanh
  rnn::Matrix c;           // f ⊙ c_before + i ⊙ g; and h = o ⊙ tanh(c)
};

/// The gradients of the loss, each with the shape of its variable.
struct LstmGradients {
  rnn::Matrix da;                    // (batch × 4n), of the pre-activations, in the order i, f, g, o
  rnn::Matrix dc_before, dh_before;  // (batch × n)
  rnn::Matrix dw_x, dw_y, db;        // (inputs × 4n), (n × 4n), (1 × 4n)
};

/// One step back. dh and dc (batch × n) are the gradients of h and c from everything after the step; c also
/// influences the loss through this step's own h. Shape: w_y (n × 4n).
LstmGradients backward(const LstmStep& step, const rnn::Matrix& dh, const rnn::Matrix& dc, const rnn::Matrix& w_y);
