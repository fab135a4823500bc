module;
#include <cstdint>
#include <span>

module rnn.network.image_rows;

import rnn.autodiff.tape;
import rnn.data.batches;
import rnn.data.images;
import rnn.linalg.matrix;

namespace rnn {

SequenceVar rows_as_steps(Tape& tape, const Images& images, std::span<const std::uint32_t> which) {
  const View x = tape.workspace(images.rows * which.size(), images.columns);
  gather_rows_as_steps(images, which, x);
  return {tape.constant(x, "images"), images.rows, which.size()};
}

}  // namespace rnn
