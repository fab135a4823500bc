/// Gradient clipping.
export module rnn.training.clipping;

import rnn.linalg.matrix;

export namespace rnn {

/// The length of all gradients as one vector, √(Σ g²), summed in double.
Real global_norm(ConstView gradients);

/// gradients ← gradients · min(1, max_norm / norm): a gradient that is too long keeps its direction. Returns the norm
/// before clipping. Gradients whose norm is not finite are left as they are: no factor makes a direction of them again.
/// Throws std::invalid_argument unless max_norm is above 0.
/// Source: Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, ICML 2013.
Real clip_by_global_norm(View gradients, Real max_norm);

}  // namespace rnn
