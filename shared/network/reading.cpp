module;
#include <cmath>
#include <cstdint>

module rnn.network.reading;

import rnn.autodiff.tape;
import rnn.base.error;
import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.image_steps;
import rnn.network.loss;

namespace rnn {

// Every so many rows of `all`, the last of each group.
static Matrix last_of_each(ConstView all, Index group) {
  return to_matrix({all.data + (group - 1) * all.row_stride, all.rows / group, all.columns, group * all.row_stride,
                    all.column_stride});
}

Reading read_by_rows(const Classifier& network, const Images& images, Index which) {
  Tape tape(Tape::Mode::evaluate);
  const std::uint32_t one[] = {static_cast<std::uint32_t>(which)};
  const ImageSteps& how = network.shape().steps;
  const auto [states, logits] = network.every_step({.x = images_as_steps(tape, images, one, how)});
  const Index steps_of_a_row = how.pixels ? images.columns / how.shrink : 1;
  Reading reading{last_of_each(states.value(), steps_of_a_row), last_of_each(logits.value(), steps_of_a_row)};
  softmax(reading.probabilities, reading.probabilities);
  for (const Real probability : reading.probabilities.data()) {
    if (!std::isfinite(probability)) throw ResultError("the network computes numbers that are not finite");
  }
  return reading;
}

}  // namespace rnn
