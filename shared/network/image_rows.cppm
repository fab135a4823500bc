module;
#include <cstdint>
#include <span>

/// Images as sequences on a tape: rows as time steps.
export module rnn.network.image_rows;

import rnn.autodiff.tape;
import rnn.data.images;

export namespace rnn {

/// These images, with pixels as numbers from 0 to 1: (rows × which.size() × columns). The bytes become floats only
/// here, so a data set takes a quarter of the memory. Throws std::invalid_argument when one of `which` is out of range.
SequenceVar rows_as_steps(Tape& tape, const Images& images, std::span<const std::uint32_t> which);

}  // namespace rnn
