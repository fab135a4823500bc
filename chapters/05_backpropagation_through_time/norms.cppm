module;
#include <string>
#include <vector>

/// How much of a gradient is left after many steps back.
export module backpropagation.norms;

import rnn.linalg.activation;
import rnn.linalg.matrix;

export namespace backpropagation {

/// ‖∂h_T/∂h_t‖ for t = 0 … T along one sequence, where h_t is the state after t steps. The norm is Frobenius' divided
/// by √n, so that it is 1 for the identity, ∂h_T/∂h_T, and s^k after k steps back through s times an orthogonal matrix.
struct Norms {
  std::string name;
  char mark;                  // in a plot
  std::vector<rnn::Real> at;  // for each t
  rnn::Real mean_state;       // the mean of |h|; near 1, tanh is flat
};

/// Shapes: w_y (n × n), pre_activations (T × n): x_t·W_x + b of each step. `f` is tanh or the identity.
Norms norms_through_time(const std::string& name, char mark, rnn::ConstView w_y, rnn::ConstView pre_activations,
                         rnn::Activation f);

/// A sequence of random inputs, and an orthogonal W_y.
struct RandomSequence {
  std::size_t seed;
  rnn::Index steps, neurons;
};

/// The same sequence with three scales of its W_y: 0.5, 1 and 2.
std::vector<Norms> norms_of_three_scales(const RandomSequence& sequence, const std::string& name, rnn::Activation f,
                                         double input_size);

}  // namespace backpropagation
