#include <span>

#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;

double accuracy(const Matrix& logits, std::span<const Index> labels) {
  Index right = 0;
  for (Index i = 0; i < logits.size1(); ++i) {
    Index largest = 0;
    for (Index c = 1; c < logits.size2(); ++c) {
      if (logits(i, c) > logits(i, largest)) largest = c;  // softmax would not change which one it is
    }
    if (largest == labels[i]) ++right;
  }
  return double(right) / double(logits.size1());  // of integers, the quotient would be 0 or 1
}
