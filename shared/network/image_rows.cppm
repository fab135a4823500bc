module;
#include <cstdint>
#include <span>

/// Images as sequences on a tape: rows as time steps.
export module rnn.network.image_rows;

import rnn.autodiff.tape;
import rnn.data.images;

export namespace rnn {

/// These images, pixels as numbers from 0 to 1: (rows × which.size() × columns). Only now do the bytes become floats,
/// so that a data set stays four times as small. Throws std::invalid_argument when one of `which` is not there.
SequenceVar rows_as_steps(Tape& tape, const Images& images, std::span<const std::uint32_t> which);

}  // namespace rnn
