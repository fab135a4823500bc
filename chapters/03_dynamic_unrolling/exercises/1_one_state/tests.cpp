#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;
using namespace exercise;

static const Matrix w_x = random_matrix(2, 4, 1), w_y = random_matrix(4, 4, 2), b = random_matrix(1, 4, 3);
static const Matrix start = random_matrix(3, 4, 4);

static void check(Index steps) {
  const Sequence x = random_sequence(steps, 3, 2, 5);
  Matrix h = start;
  for (Index t = 0; t < steps; ++t) h = plain_step(x[t], h, w_x, w_y, b);
  compare("the last state", last_state(x, start, w_x, w_y, b), h, "what each step reads: x[t] and the previous state");
}

const std::vector<Test> exercise::tests = {
    {"one step", [] { check(1); }},
    {"no step leaves the state as it was", [] { check(0); }},
    {"fifty steps", [] { check(50); }},
};
