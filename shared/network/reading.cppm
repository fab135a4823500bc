module;

/// What a classifier makes of one image after each of its rows.
export module rnn.network.reading;

import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;

export namespace rnn {

/// One image on its way through the network.
struct Reading {
  Matrix states;         // (rows × n): what it remembers after each row of the image, as it was shrunk
  Matrix probabilities;  // (rows × classes): softmax of the head applied to each state
};
/// Throws ResultError when a probability is not finite.
Reading read_by_rows(const Classifier& network, const Images& images, Index which);

}  // namespace rnn
