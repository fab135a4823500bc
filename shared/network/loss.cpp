module;
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>

module rnn.loss;

import rnn.elementwise;
import rnn.matrix;
import rnn.tape;

namespace rnn {

static void require_labels(const char* operation, ConstView logits, std::span<const Index> labels) {
  if (labels.size() != logits.rows) {
    throw std::invalid_argument(fmt::format("{}: {} labels for logits ({})", operation, labels.size(), shape(logits)));
  }
  for (const Index label : labels) {
    if (label >= logits.columns) {
      throw std::invalid_argument(fmt::format("{}: label {} of {} classes", operation, label, logits.columns));
    }
  }
}

// y ← e^(x − max) of one row, and their sum. Subtracting the largest changes no quotient and lets nothing overflow.
static double exponentials(ConstView x, View y, double& largest) {
  largest = x(0, 0);
  for (Index j = 1; j < x.columns; ++j) largest = std::max<double>(largest, x(0, j));
  for (Index j = 0; j < x.columns; ++j) y(0, j) = static_cast<Real>(x(0, j) - largest);
  exp(y, y);
  return sum(y);
}

void softmax(ConstView logits, View y) {
  require_shape("softmax", "y", y, logits.rows, logits.columns);
  if (logits.empty()) return;
  for (Index i = 0; i < logits.rows; ++i) {
    double largest;
    const double total = exponentials(logits.rows_from(i, 1), y.rows_from(i, 1), largest);
    scale(static_cast<Real>(1 / total), y.rows_from(i, 1));
  }
}

Var softmax_cross_entropy(Var logits, std::span<const Index> labels, Index examples) {
  require_labels("softmax_cross_entropy", logits.value(), labels);
  Tape& tape = logits.tape();
  const ConstView x = logits.value();
  if (examples == 0) examples = std::max<Index>(1, x.rows);
  const Var loss = tape.add("SoftmaxCrossEntropy", {logits}, 1, 1);
  const View probabilities = tape.workspace(x.rows, x.columns);
  double sum = 0;
  for (Index i = 0; i < x.rows; ++i) {
    const View p = probabilities.rows_from(i, 1);
    double largest;
    const double total = exponentials(x.rows_from(i, 1), p, largest);
    sum += std::log(total) - (double(x(i, labels[i])) - largest);  // −log(e^(x_label − max) / total)
    scale(static_cast<Real>(1 / total), p);
  }
  tape.output(loss)(0, 0) = static_cast<Real>(sum / double(examples));

  const std::span<const Index> kept = tape.keep(labels);
  tape.on_backward(loss, [=] {
    const Real dy = loss.gradient()(0, 0) / static_cast<Real>(examples);
    const View dx = logits.gradient();
    add_scaled(dy, probabilities, dx);                         // dx (batch × classes) += dy·softmax
    for (Index i = 0; i < dx.rows; ++i) dx(i, kept[i]) -= dy;  // … − dy at the label
  });
  return loss;
}

Index count_in_top_k(ConstView logits, std::span<const Index> labels, Index k) {
  require_labels("count_in_top_k", logits, labels);
  Index count = 0;
  for (Index i = 0; i < logits.rows; ++i) {
    const Real own = logits(i, labels[i]);
    Index above = 0;
    for (Index j = 0; j < logits.columns; ++j) above += !(logits(i, j) <= own);  // a NaN beats everything
    count += std::isfinite(own) && above < k;
  }
  return count;
}

}  // namespace rnn
