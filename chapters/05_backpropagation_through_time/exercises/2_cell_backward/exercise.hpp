// 05.2 The cell's backward pass (medium)
#pragma once

import rnn.linalg.matrix;

/// The inputs of a step and its result.
struct Step {
  rnn::Matrix x;         // (batch × inputs)
  rnn::Matrix h_before;  // (batch × n)
  rnn::Matrix h;         // (batch × n): tanh(x·W_x + h_before·W_y + b)
};

/// The gradients of the loss, each with the shape of its variable.
struct StepGradients {
  rnn::Matrix dx, dh_before, dw_x, dw_y, db;
};

/// One step back. Shapes: dh (batch × n) is the gradient of h, w_x (inputs × n), w_y (n × n).
StepGradients backward(const Step& step, const rnn::Matrix& dh, const rnn::Matrix& w_x, const rnn::Matrix& w_y);
