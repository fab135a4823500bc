module;

/// How a classifier reads one image: its state and its answer after each row.
export module rnn.network.reading;

import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;

export namespace rnn {

/// One image, row by row.
struct Reading {
  Matrix states;         // (rows × n): the state after each row of the image, as it was shrunk
  Matrix probabilities;  // (rows × classes): softmax of the head applied to each state
};
/// Throws ResultError when a probability is not finite.
Reading read_by_rows(const Classifier& network, const Images& images, Index which);

}  // namespace rnn
