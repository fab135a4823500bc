// 04.2 The masked step (medium)
#pragma once
#include <span>

import rnn.linalg.matrix;

struct StepResult {
  rnn::Matrix output;  // (batch × n): zero for examples that have ended
  rnn::Matrix state;   // (batch × n): unchanged for examples that have ended
};

/// One step at time t. Example i has ended when t >= lengths[i]; its row of x may then hold anything, even NaN.
/// Shapes: x (batch × inputs), h_before (batch × n), w_x (inputs × n), w_y (n × n), b (1 × n).
StepResult masked_step(rnn::Index t, std::span<const rnn::Index> lengths, const rnn::Matrix& x,
                       const rnn::Matrix& h_before, const rnn::Matrix& w_x, const rnn::Matrix& w_y,
                       const rnn::Matrix& b);
