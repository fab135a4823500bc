#include <string>
#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.matrix;
import rnn.network.cell.basic;

using namespace rnn;
using namespace exercise;

// Counts instead of predicting.
static void check(Index steps) {
  const Matrix w_x = random_matrix(2, 4, 1), w_y = random_matrix(4, 4, 2), b = random_matrix(1, 4, 3), start(3, 4, 0);
  const Sequence x(steps, 3, 2);
  Tape tape;
  const BasicRnnCell& cell = BasicRnnCell::make(tape.variable(w_x), tape.variable(w_y), tape.variable(b));
  const SequenceVar inputs = tape.constant(x);
  std::vector<Var> outputs;
  Var h = tape.constant(start);
  for (Index t = 0; t < steps; ++t) outputs.push_back(h = cell.step(slice_time(inputs, t), h));
  stack_time(tape, outputs, 3, 4);
  const Index found = tape_nodes(steps);
  require(found == tape.size(), "nodes for " + std::to_string(steps) + " steps", std::to_string(tape.size()),
          std::to_string(found), "what is on the tape once, and what once per step");
}

const std::vector<Test> exercise::tests = {
    {"one step", [] { check(1); }},
    {"two steps", [] { check(2); }},
    {"a hundred steps", [] { check(100); }},
};
