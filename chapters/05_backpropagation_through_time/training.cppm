/// A few steps of gradient descent, with the gradient clipped or as it is.
export module backpropagation.training;

import rnn.base.std;
import rnn.linalg.matrix;

export namespace backpropagation {

/// The task is to remember: a sequence of T numbers begins with +1 or −1, followed by noise. Which was it?
struct Task {
  rnn::Index steps = 30;
  rnn::Index neurons = 10;
  rnn::Real recurrent_scale = 1.5;  // W_y starts as this times an orthogonal matrix
  std::uint64_t seed = 1;
};

struct Step {
  rnn::Real loss;
  rnn::Real norm;  // of the gradient, before clipping
};

/// Loss and gradient norm at each of `updates` steps w ← w − learning_rate·g, where the norm of g is at most max_norm.
/// Infinity does not clip at all.
std::vector<Step> train(const Task& task, rnn::Index updates, rnn::Real learning_rate, rnn::Real max_norm);

}  // namespace backpropagation
