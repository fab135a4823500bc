#include <vector>

#include "exercise.hpp"

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.matrix;
import rnn.network.cell;

using namespace rnn;

SequenceVar unroll(const Cell& cell, SequenceVar x, Var h_start) {
  std::vector<Var> outputs;
  Var h = h_start;  // (batch × n)
  for (Index t = 0; t < x.steps; ++t) {
    h = cell.step(slice_time(x, t), h);  // the Var of this step is what the next one reads: the graph grows
    outputs.push_back(h);
  }
  return stack_time(x.rows.tape(), outputs, x.batch, cell.state_size());
}
