module;

/// The answers of a trained classifier for many images.
export module rnn.training.evaluation;

import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.training.data_parallel;

export namespace rnn {

/// The logits of every image, (images × classes), the same bits for any number of threads. Throws ResultError when one
/// is not finite.
Matrix logits_of(const Classifier& network, const Images& images, DataParallel& threads);

}  // namespace rnn
