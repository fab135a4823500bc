/// The gradients of a recorded case.
export module backpropagation.replay;

import rnn.base.std;

export namespace backpropagation {

/// Computes logits, loss and the gradients of all weights from a recorded case, compares them with what was recorded,
/// and returns the program's exit status.
int replay(const std::filesystem::path& file, bool json);

}  // namespace backpropagation
