module;
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

module rnn.network.loss;

import rnn.autodiff.tape;
import rnn.base.caller;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;

namespace rnn {

static void require_labels(const char* operation, ConstView logits, std::span<const Index> labels, Caller caller) {
  if (labels.size() != logits.rows) {
    throw CallError(fmt::format("{}: {} labels for logits ({})", operation, labels.size(), shape(logits)), caller);
  }
  for (const Index label : labels) {
    if (label >= logits.columns) {
      throw CallError(fmt::format("{}: label {} of {} classes", operation, label, logits.columns), caller);
    }
  }
}

static Real largest_of_row(Index i, ConstView x) {
  Real largest = -std::numeric_limits<Real>::infinity();
  for (Index j = 0; j < x.columns; ++j) largest = std::max(largest, x(i, j));
  return largest;
}

// y ← e^(x − max), where max is the largest of its row. Subtracting it changes no quotient and prevents overflow.
static void exponentials(ConstView x, View y) {
  for (Index i = 0; i < x.rows; ++i) {
    const Real largest = largest_of_row(i, x);
    for (Index j = 0; j < x.columns; ++j) y(i, j) = x(i, j) - largest;
  }
  exp(y, y);
}

// Divides a row by its sum, and returns the sum.
static double normalize(View row) {
  const double total = sum(row);
  const Real factor = static_cast<Real>(1 / total);
  for (Index j = 0; j < row.columns; ++j) row(0, j) *= factor;
  return total;
}

void softmax(ConstView logits, View y, Caller caller) {
  require_shape("softmax", "y", y, logits.rows, logits.columns, caller);
  require_apart_or_same("softmax", "y", y, "logits", logits, caller);
  exponentials(logits, y);
  for (Index i = 0; i < logits.rows; ++i) normalize(y.rows_from(i, 1));
}

Var softmax_cross_entropy(Var logits, std::span<const Index> labels, Index examples, Caller caller) {
  require_labels("softmax_cross_entropy", logits.value(), labels, caller);
  Tape& tape = logits.tape();
  const ConstView x = logits.value();
  if (examples == 0) examples = std::max<Index>(1, x.rows);
  const Var loss = tape.add("SoftmaxCrossEntropy", {logits}, 1, 1);
  const View probabilities = tape.workspace(x.rows, x.columns);
  exponentials(x, probabilities);
  double sum = 0;
  for (Index i = 0; i < x.rows; ++i) {
    const double total = normalize(probabilities.rows_from(i, 1)), largest = largest_of_row(i, x);
    sum += std::log(total) - (double(x(i, labels[i])) - largest);  // −log(e^(x_label − max) / total)
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

Var mean_squared_error(Var predictions, ConstView targets, Index examples, Caller caller) {
  const ConstView x = predictions.value();
  require_shape("mean_squared_error", "targets", targets, x.rows, x.columns, caller);
  if (examples == 0) examples = std::max<Index>(1, x.rows);
  const double count = double(examples) * double(std::max<Index>(1, x.columns));
  Tape& tape = predictions.tape();
  const Var loss = tape.add("MeanSquaredError", {predictions}, 1, 1);
  const View errors = tape.workspace(x.rows, x.columns);  // predictions − targets
  copy(x, errors);
  add_scaled(-1, targets, errors);
  double sum = 0;
  for (Index i = 0; i < errors.rows; ++i) {
    for (Index j = 0; j < errors.columns; ++j) sum += double(errors(i, j)) * double(errors(i, j));
  }
  tape.output(loss)(0, 0) = static_cast<Real>(sum / count);

  tape.on_backward(loss, [=] {
    const double dy = loss.gradient()(0, 0);
    add_scaled(static_cast<Real>(2 * dy / count), errors, predictions.gradient());  // dx += 2·dy·errors / count
  });
  return loss;
}

Index count_in_top_k(ConstView logits, std::span<const Index> labels, Index k, Caller caller) {
  require_labels("count_in_top_k", logits, labels, caller);
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
