// 08.3 The state goes on (medium)
#pragma once
#include <functional>
#include <vector>

import rnn.linalg.matrix;

/// A step of a cell: from the input (1 × inputs) and the state before (1 × n) to the state after (1 × n).
using StepOfCell = std::function<rnn::Matrix(const rnn::Matrix& x, const rnn::Matrix& before)>;

/// Reads a sequence in segments, as training does with melodies too long for one gradient. The state begins at zero,
/// once. Returns the state after each segment, (1 × n) each. Every segment but the last has `segment` inputs; without
/// inputs there are no segments.
std::vector<rnn::Matrix> states_after_segments(const std::vector<rnn::Matrix>& inputs, rnn::Index segment, rnn::Index n,
                                               const StepOfCell& step);
