#include "check.hpp"
#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;
using namespace exercise;

static const Matrix w = random_matrix(3 + 5, 5, 1), b = random_matrix(1, 5, 2);
static const ConstView w_x = ConstView(w).rows_from(0, 3), w_y = ConstView(w).rows_from(3, 5);

const std::vector<Test> exercise::tests = {
    {"the upper rows of W belong to the inputs",
     [] {
       const Matrix x = random_matrix(4, 3, 3), nothing(4, 5, Real(0));
       compare("h", joined_step(x, nothing, w, b), plain_step(x, nothing, w_x, w_y, b), "the first columns of [x h]");
     }},
    {"the lower rows of W belong to the memory",
     [] {
       const Matrix x(4, 3, Real(0)), h = random_matrix(4, 5, 4);
       compare("h", joined_step(x, h, w, b), plain_step(x, h, w_x, w_y, b), "the last n columns of [x h]");
     }},
    {"both together give what two products give",
     [] {
       const Matrix x = random_matrix(2, 3, 5), h = random_matrix(2, 5, 6);
       compare("h", joined_step(x, h, w, b), plain_step(x, h, w_x, w_y, b), "the order of x and h in [x h]");
     }},
};
