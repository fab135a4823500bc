/// How well logits predict the labels.
export module rnn.training.metrics;

import rnn.base.std;
import rnn.linalg.matrix;

export namespace rnn {

/// The class with the largest logit of one row; the first one if several are equal.
Index argmax(ConstView logits);

/// How well logits (images × classes) predict the labels.
struct Score {
  double accuracy;                            // of all images
  double loss;                                // the mean of −log softmax(logits)[label]
  std::vector<std::vector<Index>> confusion;  // [digit][what it was read as]: how many images
  /// The share of one digit's images that is read right; NaN where there are none.
  double accuracy_of(Index digit) const;
};
/// Throws std::invalid_argument when labels and logits do not fit, or there are none.
Score score(ConstView logits, std::span<const std::uint8_t> labels);

}  // namespace rnn
