/// The basic cell's gradients, written out.
export module backpropagation.by_hand;

import backpropagation.network;

export namespace backpropagation {

/// Forward and backward through three steps, each line written out. Weights: w_x (inputs × n), w_y (n × n), b (1 × n),
/// w_out (n × classes), b_out (1 × classes). Throws std::invalid_argument for examples of another kind.
Result by_hand(const NamedMatrices& weights, const Examples& examples);

}  // namespace backpropagation
