/// A melody as a drawing: time goes to the right, pitch upward, as on the paper rolls of player pianos.
export module rnn.formats.piano_roll;

import rnn.base.std;
import rnn.data.melody;

export namespace rnn {

/// The melody in rows of four bars, as an SVG image that reads well on light and on dark backgrounds.
std::string format_piano_roll(const Melody& melody);

}  // namespace rnn
