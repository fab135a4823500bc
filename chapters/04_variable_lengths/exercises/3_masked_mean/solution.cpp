#include <span>

#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;

MaskedMean masked_mean(const Matrix& losses, std::span<const Index> lengths) {
  Index count = 0;
  for (const Index length : lengths) count += length;

  MaskedMean result{0, Matrix(losses.size1(), losses.size2(), Real(0))};
  double sum = 0;
  for (Index i = 0; i < lengths.size(); ++i) {
    for (Index t = 0; t < lengths[i]; ++t) {  // the padding is not even read
      sum += losses(t, i);
      result.gradient(t, i) = Real(1) / Real(count);
    }
  }
  // If the sum were divided by T·batch, the same sequences would weigh less the longer the batch was padded.
  if (count > 0) result.mean = static_cast<Real>(sum / double(count));
  return result;
}
