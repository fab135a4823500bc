// 07.1 A step of the GRU (medium)
#pragma once

import rnn.linalg.matrix;

/// The GRU's weights. In the columns of w_x, w_y and b the gates follow one another, n columns each: reset, update,
/// candidate.
struct GruWeights {
  rnn::Matrix w_x;  // (inputs × 3n)
  rnn::Matrix w_y;  // (n × 3n)
  rnn::Matrix b;    // (1 × 3n)
  rnn::Matrix b_y;  // (1 × n): added to the recurrent product of the candidate, before r multiplies that
};

/// h after one step, (batch × n). Shapes: x (batch × inputs), h_before (batch × n).
rnn::Matrix gru_step(const rnn::Matrix& x, const rnn::Matrix& h_before, const GruWeights& weights);
