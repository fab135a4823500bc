/// How much of a gradient is left after many steps back through a basic cell.
export module backpropagation.norms;

import rnn.base.std;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.training.gradient_norms;

export namespace backpropagation {

/// ‖∂h_T/∂h_t‖ of h_t+1 = f(pre_activations_t + h_t·W_y). Shapes: w_y (n × n), pre_activations (T × n): x_t·W_x + b of
/// each step. `f` is tanh or the identity.
rnn::GradientNorms norms_of(const std::string& name, char mark, rnn::ConstView w_y, rnn::ConstView pre_activations,
                            rnn::Activation f);

/// A sequence of random inputs, and an orthogonal W_y.
struct RandomSequence {
  std::size_t seed;
  rnn::Index steps, neurons;
};

/// The same sequence with three scales of its W_y: 0.5, 1 and 2.
std::vector<rnn::GradientNorms> norms_of_three_scales(const RandomSequence& sequence, const std::string& name,
                                                      rnn::Activation f, double input_size);

}  // namespace backpropagation
