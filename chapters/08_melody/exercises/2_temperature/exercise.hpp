// 08.2 Temperature (medium)
#pragma once
#include <vector>

import rnn.linalg.matrix;

/// The probabilities with which to pick, from the logits of one prediction, (1 × classes): their softmax at a
/// temperature above 0. At 1 it is the softmax itself, near 0 only the likeliest is left. Logits may be as large as
/// 1e4.
std::vector<double> at_temperature(const rnn::Matrix& logits, double temperature);
