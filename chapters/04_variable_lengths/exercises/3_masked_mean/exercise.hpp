// 04.3 A mean that leaves the padding out (hard)
#pragma once
#include <span>

import rnn.linalg.matrix;

struct MaskedMean {
  rnn::Real mean;        // over the steps that count; 0 when there are none
  rnn::Matrix gradient;  // (T × batch): ∂mean/∂losses
};

/// Shapes: losses (T × batch; the padding may hold NaN), lengths one for each example, 0 … T.
MaskedMean masked_mean(const rnn::Matrix& losses, std::span<const rnn::Index> lengths);
