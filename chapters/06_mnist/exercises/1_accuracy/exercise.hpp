// 06.1 Accuracy (easy)
#pragma once
#include <span>

import rnn.linalg.matrix;

/// The share (0 … 1) of the examples whose largest logit is that of their label.
/// Shapes: logits (batch × classes), at least one row; labels one for each row.
double accuracy(const rnn::Matrix& logits, std::span<const rnn::Index> labels);
