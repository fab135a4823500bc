#include <algorithm>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;

std::vector<double> top_k(std::span<const double> probabilities, Index k) {
  std::vector<Index> order(probabilities.size());
  std::iota(order.begin(), order.end(), Index(0));
  // The largest first; of equal ones, the first.
  std::ranges::sort(order, {}, [&](Index i) { return std::pair(-probabilities[i], i); });
  order.resize(std::min<Index>(k, order.size()));
  double sum = 0;
  for (const Index i : order) sum += probabilities[i];
  std::vector<double> result(probabilities.size(), 0.0);
  for (const Index i : order) result[i] = probabilities[i] / sum;
  return result;
}
