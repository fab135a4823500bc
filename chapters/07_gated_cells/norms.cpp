module;
#include <string>
#include <vector>

module gated_cells.norms;

import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.classifier;
import rnn.network.parameters;
import rnn.training.gradient_norms;

using namespace rnn;

namespace gated_cells {

std::vector<GradientNorms> norms_of(const Classifier& network, ConstView x) {
  const CellKind& kind = network.cell();
  const Index inputs = network.shape().inputs, n = network.shape().hidden;
  const auto step = [&](Var x_t, Var carry_before) {
    std::vector<Var> weights;
    for (const CellParameter& parameter : kind.parameters(inputs, n)) {
      weights.push_back(x_t.tape().constant(network.parameters[parameter.name]));
    }
    return kind.make(weights, Activation::tanh).step(x_t, carry_before);
  };
  std::vector<GradientNorms> norms = norms_through_time(x, n, kind.carry(n), step);
  norms[0].name = kind.name + std::string(" h");
  norms[0].mark = kind.name[0];
  if (norms.size() > 1) {
    norms[1].name = kind.name + std::string(" c");
    norms[1].mark = 'c';
  }
  return norms;
}

}  // namespace gated_cells
