/// Layers that are not recurrent.
export module rnn.network.layers;

import rnn.autodiff.tape;
import rnn.base.caller;
import rnn.base.std;
import rnn.linalg.matrix;

export namespace rnn {

/// y = x·w + b. Shapes: x (batch × n), w (n × classes), b (1 × classes), y (batch × classes).
Var dense(Var x, Var w, Var b, Caller caller = Caller::current());

/// y = x ⊙ mask / keep: each element is kept with probability `keep` and scaled so that its mean stays the same, or set
/// to zero. dx = dy ⊙ mask / keep. With keep = 1, y is x itself. The mask depends only on the seed.
/// Throws CallError unless 0 < keep ≤ 1.
/// Source: Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, JMLR 15, 2014.
Var dropout(Var x, Real keep, std::uint64_t seed, Caller caller = Caller::current());

/// The same on the input of every step: a fresh mask for each step of each example.
SequenceVar dropout(SequenceVar x, Real keep, std::uint64_t seed, Caller caller = Caller::current());

}  // namespace rnn
