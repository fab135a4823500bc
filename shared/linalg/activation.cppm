module;

/// The functions that a layer applies to its pre-activations.
export module rnn.linalg.activation;

export namespace rnn {

/// tanh x, max(x, 0), 1 / (1 + e^−x), or x itself.
enum class Activation { identity, tanh, relu, sigmoid };

/// "identity", "tanh", "relu" or "sigmoid".
inline constexpr const char* name(Activation f) {
  switch (f) {
    case Activation::tanh: return "tanh";
    case Activation::relu: return "relu";
    case Activation::sigmoid: return "sigmoid";
    default: return "identity";
  }
}

}  // namespace rnn
