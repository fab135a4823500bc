module;
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

module rnn.training.metrics;

import rnn.linalg.matrix;

namespace rnn {

Index argmax(ConstView logits) {
  Index result = 0;
  for (Index j = 1; j < logits.columns; ++j) {
    if (logits(0, j) > logits(0, result)) result = j;
  }
  return result;
}

double Score::accuracy_of(Index digit) const {
  const auto& row = confusion[digit];
  const Index all = std::accumulate(row.begin(), row.end(), Index(0));
  return all == 0 ? std::numeric_limits<double>::quiet_NaN() : double(row[digit]) / double(all);
}

Score score(ConstView logits, std::span<const std::uint8_t> labels) {
  const Index count = logits.rows, classes = logits.columns;
  if (labels.size() != count || count == 0) {
    throw std::invalid_argument("score: logits (" + shape(logits) + ") must have a row for each of the " +
                                std::to_string(labels.size()) + " labels, and at least one");
  }
  Score score{0, 0, std::vector(classes, std::vector<Index>(classes))};
  Index right = 0;
  for (Index i = 0; i < count; ++i) {
    if (labels[i] >= classes) throw std::invalid_argument("score: a label must be under " + std::to_string(classes));
    const ConstView row = logits.rows_from(i, 1);
    const Index read_as = argmax(row);
    ++score.confusion[labels[i]][read_as];
    right += read_as == labels[i];
    double sum = 0;  // of e^(logit − largest), of which none overflows
    for (Index j = 0; j < classes; ++j) sum += std::exp(double(row(0, j)) - double(row(0, read_as)));
    score.loss += std::log(sum) - (double(row(0, labels[i])) - double(row(0, read_as)));
  }
  score.accuracy = double(right) / double(count);
  score.loss /= double(count);
  return score;
}

}  // namespace rnn
