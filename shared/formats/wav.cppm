/// Sound as a WAV file, which every player plays.
export module rnn.formats.wav;

import rnn.base.std;

export namespace rnn {

/// Samples, −1 to 1, as a WAV file of one channel and 16 bits. What is beyond is cut off. Throws std::invalid_argument
/// when there are more than such a file can hold, 4 GiB.
std::string format_wav(std::span<const float> samples, unsigned rate);

}  // namespace rnn
