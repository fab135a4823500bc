#include <cmath>
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

static const Matrix w_x = random_matrix(2, 4, 1), w_y = random_matrix(4, 4, 2), b = random_matrix(1, 4, 3);
static const Matrix start = random_matrix(3, 4, 4);

// Unrolls, and compares every step.
static void check(Index steps) {
  const Sequence x = random_sequence(steps, 3, 2, 5);
  Tape tape;
  const BasicRnnCell& cell = BasicRnnCell::make(tape.constant(w_x), tape.constant(w_y), tape.constant(b));
  const SequenceVar outputs = unroll(cell, tape.constant(x), tape.constant(start));
  require(outputs.steps == steps, "the number of steps", std::to_string(steps), std::to_string(outputs.steps),
          "how often the loop runs");
  Matrix h = start;
  for (Index t = 0; t < steps; ++t) {
    h = plain_step(x[t], h, w_x, w_y, b);
    compare("step " + std::to_string(t), outputs.value(t), h,
            "the state passed to cell.step: that of the previous step");
  }
}

const std::vector<Test> exercise::tests = {
    {"one step", [] { check(1); }},
    {"seven steps, each from the previous state", [] { check(7); }},
    {"no steps at all make a sequence of length 0", [] { check(0); }},
    {"the gradient reaches the first inputs from the last step",
     [] {
       const Sequence x = random_sequence(5, 3, 2, 6);
       Tape tape;
       const BasicRnnCell& cell = BasicRnnCell::make(tape.constant(w_x), tape.constant(w_y), tape.constant(b));
       const SequenceVar inputs = tape.variable(x);
       tape.backward(sum(slice_time(unroll(cell, inputs, tape.constant(start)), 4)));
       double size = 0;
       for (Index j = 0; j < 2; ++j) size += std::abs(inputs.gradient(0)(0, j));
       require(size > 0, "the gradient of x[0]", "not zero", std::to_string(size),
               "do you pass on the Var of a step, or only a copy of its value?");
     }},
};
