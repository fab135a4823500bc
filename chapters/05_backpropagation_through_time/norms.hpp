#pragma once
// How much of a gradient is left after going back through many steps.
#include <string>
#include <vector>

import rnn.linalg.activation;
import rnn.linalg.matrix;

namespace rnn {

/// ‖∂h_T/∂h_t‖ for t = 0 … T along one sequence, where h_t is the state after t steps. The norm is Frobenius' divided
/// by √n, so that it is 1 for the identity, ∂h_T/∂h_T, and s^k after k steps back through s times an orthogonal matrix.
struct Norms {
  std::string name;
  char mark;             // in a plot
  std::vector<Real> at;  // for each t
  Real mean_state;       // the mean of |h|: near 1, tanh is flat
};

/// Shapes: w_y (n × n), sums (T × n): x_t·W_x + b of each step. `f` is tanh or the identity.
Norms norms_through_time(const std::string& name, char mark, ConstView w_y, ConstView sums, Activation f);

/// A line for every few steps, from the last one back: t and the norms.
std::string table(const std::vector<Norms>& curves);

/// A line for every few steps, from the last one back, norms from left to right on a logarithmic scale. What is beyond
/// the scale stands at its end.
std::string plot(const std::vector<Norms>& curves);

/// t and the norms, a line for every step, below a heading.
std::string csv(const std::vector<Norms>& curves);

}  // namespace rnn
