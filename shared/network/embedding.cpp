module;
#include <fmt/format.h>

#include <span>

module rnn.network.embedding;

import rnn.autodiff.tape;
import rnn.base.caller;
import rnn.linalg.matrix;

namespace rnn {

Var gather_rows(Var a, std::span<const Index> which, Caller caller) {
  const ConstView table = a.value();
  for (const Index row : which) {
    if (row >= table.rows) throw CallError(fmt::format("gather_rows: row {} of a ({})", row, shape(table)), caller);
  }
  Tape& tape = a.tape();
  const Var y = tape.add("Gather", {a}, which.size(), table.columns);
  const View out = tape.output(y);
  for (Index i = 0; i < which.size(); ++i) {
    for (Index j = 0; j < table.columns; ++j) out(i, j) = table(which[i], j);
  }
  const std::span<const Index> kept = tape.keep(which);
  tape.on_backward(y, [=] {
    const ConstView dy = y.gradient();
    const View da = a.gradient();
    for (Index i = 0; i < kept.size(); ++i) {
      for (Index j = 0; j < dy.columns; ++j) da(kept[i], j) += dy(i, j);  // da (words × n): row which[i] += dy's row i
    }
  });
  return y;
}

}  // namespace rnn
