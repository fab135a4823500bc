/// The adding problem: of T numbers two are marked; what is their sum?
/// Source: Hochreiter and Schmidhuber, Long short-term memory, Neural Computation 9, 1997; in the form of Le, Jaitly
/// and Hinton, A simple way to initialize recurrent networks of rectified linear units, 2015.
export module gated_cells.adding;

import rnn.base.std;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.training.trainer;

export namespace gated_cells {

/// Inputs: a number from 0 to 1, and a mark, 1 at two of the steps and else 0. One of the two is in the first half of
/// the sequence, the other in the second.
struct Sums {
  rnn::Sequence x;   // (T × batch × 2)
  rnn::Matrix sums;  // (batch × 1), 0 … 2
};

/// `batch` sequences of `steps` (2 or more) numbers, decided by the seed.
Sums draw_sums(rnn::Index steps, rnn::Index batch, std::uint64_t seed);

/// Whoever answers 1 each time, the mean, has a squared error of 1/6: the variance of the sum of two such numbers.
constexpr double constant_guess = 1.0 / 6;

struct LearnerOptions {
  std::string cell;  // the name of a kind of cell
  rnn::Index neurons;
  rnn::Real learning_rate;
  rnn::Real clip;      // the largest norm of a gradient
  std::uint64_t seed;  // decides where the weights start
  unsigned threads;
};

/// A recurrent layer with a dense layer of one output on its last state: chapter 06's network, whose logits become a
/// number to be compared with another.
class Learner {
 public:
  explicit Learner(const LearnerOptions& options);
  Learner(const Learner&) = delete;

  /// One step of Adam. Returns the mean squared error before it. Throws ResultError when that is not finite.
  double learn(const Sums& batch);

  /// The mean squared error.
  double error(const Sums& examples);

  inline const rnn::Classifier& network() const { return network_; }

 private:
  rnn::Classifier network_;
  rnn::Trainer trainer_;
};

}  // namespace gated_cells
