module;
#include <cmath>
#include <cstdint>

module rnn.network.reading;

import rnn.autodiff.tape;
import rnn.base.error;
import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.image_rows;
import rnn.network.loss;

namespace rnn {

Reading read_by_rows(const Classifier& network, const Images& images, Index which) {
  Tape tape(Tape::Mode::evaluate);
  const std::uint32_t one[] = {static_cast<std::uint32_t>(which)};
  const auto [states, logits] = network.every_step({.x = rows_as_steps(tape, images, one)});
  Reading reading{to_matrix(states.value()), Matrix(logits.rows(), logits.columns())};
  softmax(logits.value(), reading.probabilities);
  for (const Real probability : reading.probabilities.data()) {
    if (!std::isfinite(probability)) throw ResultError("the network computes numbers that are not finite");
  }
  return reading;
}

}  // namespace rnn
