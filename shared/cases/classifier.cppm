/// The classifier of a recorded case.
export module rnn.cases.classifier;

import rnn.cases.recorded_case;
import rnn.network.classifier;

export namespace rnn {

/// A classifier with the case's kind of cell, sizes and weights. The case must have a head: weights.w_out.
Classifier classifier_of(const Case& recorded);

}  // namespace rnn
