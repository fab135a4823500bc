#include <limits>
#include <span>
#include <string>
#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;
using namespace exercise;

static const Matrix w_x = random_matrix(2, 4, 1), w_y = random_matrix(4, 4, 2), b = random_matrix(1, 4, 3);
static const Matrix x = random_matrix(3, 2, 4), h = random_matrix(3, 4, 5);
static const Matrix stepped = plain_step(x, h, w_x, w_y, b);
static const std::vector<Index> lengths = {5, 2, 3};

static ConstView row(const Matrix& m, Index i) { return ConstView(m).rows_from(i, 1); }

const std::vector<Test> exercise::tests = {
    {"while all examples are running, it is an ordinary step",
     [] {
       const StepResult r = masked_step(1, lengths, x, h, w_x, w_y, b);
       compare("the output", r.output, stepped, "tanh(x·W_x + h_before·W_y + b)");
       compare("the state", r.state, stepped, "the state of a running example is its output");
     }},
    {"an example that has ended outputs zero and keeps its state",
     [] {
       const StepResult r = masked_step(2, lengths, x, h, w_x, w_y, b);  // t = 2: example 1, of length 2, is over
       compare("example 1's output", row(r.output, 1), Matrix(1, 4, Real(0)), "t >= lengths[i]: zero");
       compare("example 1's state", row(r.state, 1), row(h, 1), "the row of h_before");
       compare("example 2's output", row(r.output, 2), row(stepped, 2),
               "for length 3, t = 2 is the last step: it counts");
     }},
    {"nothing in the padding changes anything, not even a NaN",
     [] {
       Matrix padded = x;
       padded(1, 0) = std::numeric_limits<Real>::quiet_NaN();
       const StepResult r = masked_step(2, lengths, padded, h, w_x, w_y, b);
       compare("example 1's output", row(r.output, 1), Matrix(1, 4, Real(0)), "0 · NaN is NaN: select, don't multiply");
       compare("example 1's state", row(r.state, 1), row(h, 1), "0 · NaN is NaN: select, don't multiply");
       compare("example 0's output", row(r.output, 0), row(stepped, 0), "rows must not mix");
     }},
};
