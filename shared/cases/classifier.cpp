module;
#include <string>
#include <utility>
#include <vector>

module rnn.cases.classifier;

import rnn.linalg.matrix;
import rnn.network.parameters;

namespace rnn {

Classifier classifier_of(const Case& recorded) {
  const NamedMatrices& weights = recorded.weights;
  Classifier network({.inputs = weights["w_x"].size1(),
                      .hidden = weights["w_y"].size1(),
                      .classes = weights["w_out"].size2(),
                      .cell = recorded.cell});
  for (const auto& [name, matrix] : weights.all) copy(matrix, network.parameters[name]);
  return network;
}

}  // namespace rnn
