/// The built-in digits: handwriting that the program makes itself, for machines without MNIST. Ten digits, each in
/// several ways of writing it, drawn with a pen of random softness, slant and shake, and placed as in MNIST.
export module rnn.data.digits;

import rnn.base.std;
import rnn.data.images;
import rnn.linalg.matrix;

export namespace rnn {

/// `count` drawn digits (28 × 28) with their labels: digits number first, first + 1, … of the endless series that
/// `seed` begins. Number n shows n mod 10. Each depends only on (seed, n), so neither `count` nor `threads` (0: one for
/// each core) changes a pixel.
Dataset draw_digits(Index count, std::uint32_t seed, Index first = 0, unsigned threads = 0);

/// How many digits there are for training, the same as in MNIST.
constexpr Index training_digits = 60000;

/// The built-in digits in MNIST's sizes: 60,000, of which the first `validation_size` are for validation, and 10,000
/// for testing. Throws std::invalid_argument when `validation_size` leaves nothing for training.
Splits draw_splits(std::uint32_t seed, Index validation_size = 5000);

/// Only the test images of draw_splits.
Dataset draw_test_digits(std::uint32_t seed);

/// Appends the 60,000 training digits of `seed` to `data`. Throws std::invalid_argument when its images are not
/// 28 × 28.
void add_training_digits(Dataset& data, std::uint32_t seed);

}  // namespace rnn
