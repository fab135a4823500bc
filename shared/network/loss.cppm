/// The loss that training minimizes, and a count of right answers.
export module rnn.network.loss;

import rnn.autodiff.tape;
import rnn.base.caller;
import rnn.base.std;
import rnn.linalg.matrix;

export namespace rnn {

/// The mean over the batch of −log softmax(logits)[label], (1 × 1): sparse softmax cross-entropy. Shapes: logits
/// (batch × classes), one label below `classes` for each row.
/// dlogits = (softmax(logits) − one-hot(label)) · dy / examples. The sum is divided by `examples`: the number of rows,
/// unless this is a shard of a larger batch. Throws CallError when labels and logits do not fit.
Var softmax_cross_entropy(Var logits, std::span<const Index> labels, Index examples = 0,
                          Caller caller = Caller::current());

/// The mean of (prediction − target)² over all elements, (1 × 1). Shapes: predictions and targets (batch × k).
/// dpredictions = 2·(predictions − targets) · dy / (examples·k), with `examples` as above. The targets are looked at,
/// not copied; they must outlive the pass. Throws CallError when the shapes differ.
Var mean_squared_error(Var predictions, ConstView targets, Index examples = 0, Caller caller = Caller::current());

/// The softmax of each row: e^(x − max) over their sum. Shapes agree; y may be x.
void softmax(ConstView logits, View y, Caller caller = Caller::current());

/// How many rows have their label among the k largest logits, that is, with fewer than k classes above it (ties count
/// as right). A row whose label's logit is not finite counts as wrong. TensorFlow calls this in_top_k.
Index count_in_top_k(ConstView logits, std::span<const Index> labels, Index k = 1, Caller caller = Caller::current());

}  // namespace rnn
