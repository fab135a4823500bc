/// Gradients kept within bounds.
export module rnn.training.clipping;

import rnn.linalg.matrix;

export namespace rnn {

/// The length of all gradients taken as one vector, √(Σ g²), summed in double.
Real global_norm(ConstView gradients);

/// gradients ← gradients · min(1, max_norm / norm): a step that would be too long keeps its direction. Returns the norm
/// before. Gradients whose norm is not finite are left as they are: no factor makes them a direction again.
/// Throws std::invalid_argument unless max_norm is above 0.
/// Source: Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, ICML 2013.
Real clip_by_global_norm(View gradients, Real max_norm);

}  // namespace rnn
