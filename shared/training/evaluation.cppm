module;
#include <cstdint>
#include <span>
#include <vector>

/// What a trained network makes of images: of many at once, and of one after each of its rows.
export module rnn.training.evaluation;

import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;

export namespace rnn {

/// The logits of every image, (images × classes). No number of threads changes a bit of them. Throws ResultError when
/// one is not finite.
Matrix logits_of(const Classifier& network, const Images& images, unsigned threads);

/// How well logits (images × classes) name the labels.
struct Score {
  double accuracy;                            // of all images
  double loss;                                // the mean of −log softmax(logits)[label]
  std::vector<std::vector<Index>> confusion;  // [digit][what it was read as]: how many images
  /// Of the images of one digit the share that is read right; NaN where there are none.
  double accuracy_of(Index digit) const;
};
Score score(ConstView logits, std::span<const std::uint8_t> labels);

/// The class with the largest logit; the first of equals.
Index best(ConstView logits);

/// One image on its way through the network.
struct Reading {
  Matrix states;         // (rows × n): what it remembers after each row of the image
  Matrix probabilities;  // (rows × classes): softmax of the head applied to each state
};
/// Throws ResultError when a probability is not finite.
Reading read_by_rows(const Classifier& network, const Images& images, Index which);

}  // namespace rnn
