/// The gradients once more, without any calculus: move a weight a little to either side and look at the loss.
export module backpropagation.by_differences;

import backpropagation.network;

export namespace backpropagation {

/// Compares the tape's gradients of all weights with centered differences, each weight moved by `step` to either side,
/// and prints how far apart they are. Returns the exit status: 0 when every relative error is at most 1e-6.
int check_every_weight(const Tiny& tiny, Real step);

}  // namespace backpropagation
