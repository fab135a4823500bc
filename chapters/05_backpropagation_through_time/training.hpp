#pragma once
// A few steps of gradient descent, with the gradient clipped or as it is.
#include <cstdint>
#include <vector>

import rnn.linalg.matrix;

namespace rnn {

/// The task is to remember: a sequence of T numbers begins with +1 or −1, then comes noise; which was it?
struct Task {
  Index steps = 30;
  Index neurons = 10;
  Real recurrent_scale = 1.5;  // W_y starts as this times an orthogonal matrix
  std::uint64_t seed = 1;
};

struct Step {
  Real loss;
  Real norm;  // of the gradient, before clipping
};

/// Loss and gradient norm at each of `updates` steps w ← w − learning_rate·g, where the norm of g is at most max_norm.
/// Infinity does not clip at all.
std::vector<Step> train(const Task& task, Index updates, Real learning_rate, Real max_norm);

}  // namespace rnn
