#include <algorithm>
#include <cmath>
#include <vector>

#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;

std::vector<double> at_temperature(const Matrix& logits, double temperature) {
  double largest = logits(0, 0);
  for (Index j = 1; j < logits.size2(); ++j) largest = std::max(largest, double(logits(0, j)));
  std::vector<double> probabilities;
  double sum = 0;
  for (Index j = 0; j < logits.size2(); ++j) {
    // The logit is divided, not the probability; without the largest, e^10000 would be infinite.
    probabilities.push_back(std::exp((double(logits(0, j)) - largest) / temperature));
    sum += probabilities.back();
  }
  for (double& probability : probabilities) probability /= sum;
  return probabilities;
}
