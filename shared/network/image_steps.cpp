module;
#include <cstdint>
#include <span>

module rnn.network.image_steps;

import rnn.autodiff.tape;
import rnn.data.batches;
import rnn.data.images;
import rnn.linalg.matrix;

namespace rnn {

SequenceVar images_as_steps(Tape& tape, const Images& images, std::span<const std::uint32_t> which,
                            const ImageSteps& how) {
  const auto [steps, features] = sequence_size(images, how);
  const View x = tape.workspace(steps * which.size(), features);
  gather_steps(images, which, x, how);
  return {tape.constant(x, "images"), steps, which.size()};
}

}  // namespace rnn
