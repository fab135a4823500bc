module;

/// Optimizers turn a gradient into a change of the parameters. Values and gradients are the flat buffers of Parameters.
export module rnn.training.optimizers;

import rnn.linalg.matrix;

export namespace rnn {

struct AdamOptions {
  Real learning_rate = Real(0.001);
  Real beta1 = Real(0.9);
  Real beta2 = Real(0.999);
  Real epsilon = Real(1e-8);
};

/// Adam, as in PyTorch, at step t = 1, 2, …:
///   m ← β₁·m + (1 − β₁)·g        m̂ = m / (1 − β₁ᵗ)
///   v ← β₂·v + (1 − β₂)·g²       v̂ = v / (1 − β₂ᵗ)
///   w ← w − learning_rate · m̂ / (√v̂ + ε)
/// TensorFlow's AdamOptimizer differs in one place: it adds ε to √v, before v is corrected, so that its ε weighs more
/// in the first steps (the paper's "ε hat"). With ε = 1e-8 the two can hardly be told apart.
/// Source: Kingma and Ba, Adam: a method for stochastic optimization, ICLR 2015.
class Adam {
 public:
  Adam(Index size, const AdamOptions& options);

  /// Shapes: both (1 × size). Throws std::invalid_argument for another size.
  void step(View values, ConstView gradients);

  /// The moments (1 × size) and the number of steps taken: all that a checkpoint needs.
  inline View first_moments() { return m_; }
  inline View second_moments() { return v_; }
  inline Index steps() const { return steps_; }
  inline void set_steps(Index steps) { steps_ = steps; }

 private:
  AdamOptions options_;
  Matrix m_, v_;
  Index steps_ = 0;
};

}  // namespace rnn
