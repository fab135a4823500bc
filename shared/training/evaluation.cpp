module;
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

module rnn.training.evaluation;

import rnn.autodiff.tape;
import rnn.base.error;
import rnn.data.batches;
import rnn.network.loss;
import rnn.training.data_parallel;

namespace rnn {

static void require_finite(ConstView a) {
  for (Index i = 0; i < a.rows; ++i) {
    for (Index j = 0; j < a.columns; ++j) {
      if (!std::isfinite(a(i, j))) throw ResultError("the network computes numbers that are not finite");
    }
  }
}

// These images as a sequence: rows as time steps.
static SequenceVar on_tape(Tape& tape, const Images& images, std::span<const std::uint32_t> which) {
  const View x = tape.workspace(images.rows * which.size(), images.columns);
  gather_rows_as_steps(images, which, x);
  return {tape.constant(x, "images"), images.rows, which.size()};
}

Matrix logits_of(const Classifier& network, const Images& images, unsigned threads) {
  Matrix logits(images.count, network.shape().classes);
  if (images.count == 0) return logits;
  std::vector<std::uint32_t> order(images.count);
  std::iota(order.begin(), order.end(), std::uint32_t(0));
  const auto read_shard = [&](Tape& tape, const Shard& shard) {
    const SequenceVar x = on_tape(tape, images, std::span(order).subspan(shard.first, shard.count));
    copy(network.logits({.x = x}).value(), View(logits).rows_from(shard.first, shard.count));
    return 0.0;
  };
  DataParallel(threads).sum(images.count, std::ref(read_shard));
  require_finite(logits);
  return logits;
}

Index best(ConstView logits) {
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
    const Index read_as = best(row);
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

Reading read_by_rows(const Classifier& network, const Images& images, Index which) {
  Tape tape(Tape::Mode::evaluate);
  const std::uint32_t one[] = {static_cast<std::uint32_t>(which)};
  const auto [states, logits] = network.every_step({.x = on_tape(tape, images, one)});
  require_finite(logits.value());
  Reading reading{to_matrix(states.value()), Matrix(logits.rows(), logits.columns())};
  softmax(logits.value(), reading.probabilities);
  return reading;
}

}  // namespace rnn
