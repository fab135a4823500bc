/// From what a network expects to what is taken: temperature, the most likely few, chance.
export module rnn.network.sampling;

import rnn.base.std;
import rnn.linalg.matrix;

export namespace rnn {

/// A pitch and a duration, as numbers, and how likely they are.
struct Candidate {
  Index pitch, duration;
  double probability;
};

/// All events that may follow, the most likely first. The logits are divided by the temperature before the softmax: at
/// 1 they are what the network has learned, below it the likely becomes likelier, above it everything more alike; near
/// 0 only the most likely is left. (To divide probabilities would change nothing: they would be scaled back.) With
/// `top`, only the `top` most likely are kept, and their probabilities are scaled to add up to 1.
///
/// Shapes: pitch_logits (1 × pitches), duration_logits (pitches × durations). Pitch 0 is the end of the tune, which has
/// duration 0; no other pitch has. Throws std::invalid_argument unless the temperature is above 0.
std::vector<Candidate> candidates(ConstView pitch_logits, ConstView duration_logits, double temperature,
                                  std::size_t top = 0);

/// The same from probabilities p of whole events, which need not add up to 1: each becomes p^(1/temperature), the most
/// likely come first, and they are scaled to add up to 1. Throws std::invalid_argument unless the temperature is above
/// 0.
std::vector<Candidate> at_temperature(std::vector<Candidate> events, double temperature, std::size_t top = 0);

/// The candidate that a number from 0 to 1, drawn evenly, falls on: each with its probability.
const Candidate& choose(const std::vector<Candidate>& from, double uniform);

}  // namespace rnn
