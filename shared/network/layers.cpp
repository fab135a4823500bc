module;
#include <fmt/format.h>
#include <boost/random/taus88.hpp>

#include <cstdint>

module rnn.network.layers;

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.caller;
import rnn.base.random;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;

namespace rnn {

Var dense(Var x, Var w, Var b, Caller caller) { return add_bias(matmul(x, w, caller), b, caller); }

Var dropout(Var x, Real keep, std::uint64_t seed, Caller caller) {
  if (!(keep > 0 && keep <= 1)) {
    throw CallError(fmt::format("dropout: keep must be above 0 and at most 1, got {}", keep), caller);
  }
  if (keep == 1) return x;
  Tape& tape = x.tape();
  const Var y = tape.add("Dropout", {x}, x.rows(), x.columns());
  const View mask = tape.workspace(x.rows(), x.columns());  // 0 or 1 / keep

  boost::random::taus88 engine = seeded<boost::random::taus88>(seed);
  const double below = double(keep) * 4294967296.0;  // of 2^32 equally likely numbers, this many keep
  for (Index i = 0; i < mask.size(); ++i) mask.data[i] = engine() < below ? Real(1) / keep : Real(0);

  const View out = tape.output(y);
  fill(out, Real(0));
  add_multiplied(x.value(), mask, out);
  tape.on_backward(y, [=] { add_multiplied(y.gradient(), mask, x.gradient()); });  // dx (m × n) += dy ⊙ mask
  return y;
}

SequenceVar dropout(SequenceVar x, Real keep, std::uint64_t seed, Caller caller) {
  return {dropout(x.rows, keep, seed, caller), x.steps, x.batch};
}

}  // namespace rnn
