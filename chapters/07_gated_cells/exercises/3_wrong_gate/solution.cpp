#include <span>
#include <string>
#include <vector>

#include "exercise.hpp"

import rnn.autodiff.gradient_check;
import rnn.autodiff.tape;
import rnn.linalg.matrix;

using namespace rnn;

static std::vector<GradientError> errors_of(const Network& network, const Gradients& gradients) {
  const std::vector<NamedMatrix> weights = {
      {"w_x", network.w_x}, {"w_y", network.w_y}, {"b", network.b}, {"b_y", network.b_y}};
  const ConstView claimed[] = {gradients.w_x, gradients.w_y, gradients.b, gradients.b_y};
  return check_gradients(weights, claimed,
                         [&](Tape& tape, std::span<const Var> vars) { return loss(network, tape, vars); });
}

std::string wrong_weights(const Network& network, const Gradients& gradients) {
  std::string names;
  for (const GradientError& error : errors_of(network, gradients)) {
    if (error.relative > 1e-6) names += (names.empty() ? "" : " ") + error.name;
  }
  return names;
}

std::string wrong_gate(const Network& network, const Gradients& gradients) {
  const Index n = network.h_before.size2();
  Real largest = Real(1e-6);
  std::string gate;
  for (const GradientError& error : errors_of(network, gradients)) {
    if (error.name == "b_y" || error.relative <= largest) continue;
    largest = error.relative;
    gate = std::string(1, "rzn"[error.column / n]);  // a gate's block is n columns wide
  }
  return gate;
}

Gradients right_gradients(const Network& network) {
  const auto [r, z, n, q] = gates(network);
  const Index batch = n.size1(), size = n.size2();
  Matrix da(batch, 3 * size), du(batch, 3 * size);
  for (Index i = 0; i < batch; ++i) {
    for (Index j = 0; j < size; ++j) {
      const Real da_n = (1 - z(i, j)) * (1 - n(i, j) * n(i, j));
      da(i, j) = du(i, j) = da_n * q(i, j) * r(i, j) * (1 - r(i, j));
      da(i, size + j) = du(i, size + j) = (network.h_before(i, j) - n(i, j)) * z(i, j) * (1 - z(i, j));
      da(i, 2 * size + j) = da_n;
      du(i, 2 * size + j) = da_n * r(i, j);  // n = tanh(a_n + r ⊙ q): q is behind the reset gate, a_n is not
    }
  }
  return from_pre_activations(network, da, du);
}
