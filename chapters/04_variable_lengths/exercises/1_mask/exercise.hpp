// 04.1 Which steps count (easy)
#pragma once
#include <span>

import rnn.linalg.matrix;

/// (steps × batch): 1 where step t of example i is data, t < lengths[i], else 0. `lengths` has one number per example.
rnn::Matrix mask(std::span<const rnn::Index> lengths, rnn::Index steps);
