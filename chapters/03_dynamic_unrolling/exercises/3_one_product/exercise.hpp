// 03.3 One product for all steps (hard)
#pragma once

import rnn.linalg.matrix;

struct WeightGradients {
  rnn::Matrix dw_x;  // (inputs × n)
  rnn::Matrix dw_y;  // (n × n)
  rnn::Matrix db;    // (1 × n)
};

/// The gradients of the weights, computed from the gradients of the pre-activations of all steps, with a single product
/// for dw_x and another for dw_y.
/// Shapes: x (T × batch × inputs), h and da (T × batch × n), T at least 1. h[t] is the state after step t; before the
/// first step it was zero.
WeightGradients weight_gradients(const rnn::Sequence& x, const rnn::Sequence& h, const rnn::Sequence& da);
