// 08.4 The k most likely (medium)
#pragma once
#include <span>
#include <vector>

import rnn.linalg.matrix;

/// The probabilities with only the k largest left and the others 0, scaled so that their sum is 1 again. Of equal ones,
/// the first is kept. 1 ≤ k; where k is at least their number, all stay as they are.
std::vector<double> top_k(std::span<const double> probabilities, rnn::Index k);
