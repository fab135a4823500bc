#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;

Index tape_nodes(Index steps) {
  const Index leaves = 5;      // x, h_start, W_x, W_y, b: once, however long the sequence is
  const Index per_step = 5;    // slice_time, matmul, add_matmul, add_bias, tanh
  const Index at_the_end = 1;  // stack_time
  return leaves + per_step * steps + at_the_end;
}
