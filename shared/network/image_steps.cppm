/// Images as sequences on a tape: rows as time steps, or pixels.
export module rnn.network.image_steps;

import rnn.autodiff.tape;
import rnn.base.std;
import rnn.data.images;

export namespace rnn {

/// These images, pixels as numbers from 0 to 1: (steps × which.size() × features). Only now do the bytes become floats,
/// so that a data set stays four times as small. Throws std::invalid_argument when one of `which` is not there, or the
/// images have no such steps.
SequenceVar images_as_steps(Tape& tape, const Images& images, std::span<const std::uint32_t> which,
                            const ImageSteps& how = {});

}  // namespace rnn
