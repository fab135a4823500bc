#include <string>
#include <utility>

#include "check.hpp"
#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;
using namespace exercise;

static const Matrix w_x = random_matrix(2, 4, 1), w_y = random_matrix(4, 4, 2), b = random_matrix(1, 4, 3);
static const Matrix start = random_matrix(3, 4, 4);
static const Sequence x = random_sequence(3, 3, 2, 5);

static const Matrix first = plain_step(x[0], start, w_x, w_y, b);
static const Matrix second = plain_step(x[1], first, w_x, w_y, b);
static const Matrix third = plain_step(x[2], second, w_x, w_y, b);

const std::vector<Test> exercise::tests = {
    {"the first step comes from the first inputs and the given state",
     [] {
       const Sequence h = three_steps(x, start, w_x, w_y, b);
       require(h.steps() == 3, "the number of steps", "3", std::to_string(h.steps()), "the Sequence that you return");
       compare("h[0]", std::as_const(h)[0], first, "x[0] and h_start");
     }},
    {"the second step remembers the first",
     [] { compare("h[1]", three_steps(x, start, w_x, w_y, b)[1], second, "x[1], and h[0] after tanh"); }},
    {"the third step remembers the second",
     [] { compare("h[2]", three_steps(x, start, w_x, w_y, b)[2], third, "x[2], and h[1] after tanh"); }},
};
