module;
#include <boost/random/mersenne_twister.hpp>
#include <string>
#include <vector>

module backpropagation.norms;

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.random;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.initializers;
import rnn.training.gradient_norms;

using namespace rnn;

namespace backpropagation {

GradientNorms norms_of(const std::string& name, char mark, ConstView w_y, ConstView pre_activations, Activation f) {
  const Index n = w_y.rows;
  const auto step = [&](Var pre_activation, Var h) {
    const Var a = add_matmul(pre_activation, h, pre_activation.tape().constant(w_y));  // + (m × n)·(n × n)
    return f == Activation::identity ? a : activation(f, a);
  };
  GradientNorms norms = norms_through_time(pre_activations, n, n, step).front();
  norms.name = name;
  norms.mark = mark;
  return norms;
}

std::vector<GradientNorms> norms_of_three_scales(const RandomSequence& sequence, const std::string& name, Activation f,
                                                 double input_size) {
  auto engine = seeded(combine_seeds({sequence.seed, 1}));
  Matrix inputs(sequence.steps, sequence.neurons), w_y(sequence.neurons, sequence.neurons);
  orthogonal(w_y, engine);
  random_normal(inputs, engine, input_size);
  return {norms_of(name + " x 0.5", 'o', Matrix(w_y * Real(0.5)), inputs, f),
          norms_of(name + " x 1", '+', w_y, inputs, f), norms_of(name + " x 2", '*', Matrix(w_y * Real(2)), inputs, f)};
}

}  // namespace backpropagation
