/// From a data set to the network's input: the order of an epoch, and parts of a batch laid out in time.
export module rnn.data.batches;

import rnn.base.std;
import rnn.data.images;
import rnn.linalg.matrix;

export namespace rnn {

/// Fills `order` with 0 … order.size() − 1 in the random order of this epoch. It depends only on (seed, epoch), so a
/// run that is resumed needs no generator's state to go on as it would have.
void shuffle_order(std::span<std::uint32_t> order, std::uint32_t seed, std::uint32_t epoch);

/// The same as a new vector. Throws std::invalid_argument when `count` does not fit in 32 bits.
std::vector<std::uint32_t> shuffled_order(Index count, std::uint32_t seed, std::uint32_t epoch);

/// Images become sequences, and pixels numbers in [0, 1]: row t·n + i of `out` is step t of image which[i], divided by
/// 255. `out` is (steps·n × features) with n = which.size(), and its rows are contiguous; step t is then rows t·n …
/// t·n + n − 1, one contiguous matrix. Allocates nothing. Throws std::invalid_argument when the images cannot be cut
/// into such steps, or when the shape of `out` or one of `which` is wrong.
void gather_steps(const Images& images, std::span<const std::uint32_t> which, View out, const ImageSteps& how = {});

/// out[i] = labels[which[i]]. Throws std::invalid_argument when the sizes differ or one of `which` is wrong.
void gather_labels(std::span<const std::uint8_t> labels, std::span<const std::uint32_t> which, std::span<Index> out);

}  // namespace rnn
