/// Words as vectors that are learned: each word has a row in a table.
export module rnn.network.embedding;

import rnn.autodiff.tape;
import rnn.base.caller;
import rnn.base.std;
import rnn.linalg.matrix;

export namespace rnn {

/// Row i of y is row which[i] of `a`. Shapes: a (words × n), y (which.size() × n). Each row of dy is added to the row
/// of da that it came from, so a row that was taken twice gets both. An embedding is such a choice of rows; a one-hot
/// vector times `a` would be the same, more slowly. Throws CallError for a row that `a` does not have.
Var gather_rows(Var a, std::span<const Index> which, Caller caller = Caller::current());

}  // namespace rnn
