// 06.2 Adam (medium)
#pragma once

import rnn.linalg.matrix;

/// What Adam remembers from step to step, all (1 × size).
struct Moments {
  rnn::Matrix m, v;      // zero before the first step
  rnn::Index steps = 0;  // how many steps were taken
};

/// One step: updates w, m and v, and counts the step. Shapes: w and g (1 × size). β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
void adam_step(rnn::Matrix& w, const rnn::Matrix& g, Moments& moments, double learning_rate);
