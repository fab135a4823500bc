#include "check.hpp"
#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;
using namespace exercise;

static const Matrix w_x = random_matrix(3, 5, 1), w_y = random_matrix(5, 5, 2), b = random_matrix(1, 5, 3);
static const Matrix nothing(4, 5, Real(0)), no_bias(1, 5, Real(0));

const std::vector<Test> exercise::tests = {
    {"from an empty memory and without a bias, only the inputs count",
     [] {
       const Matrix x = random_matrix(4, 3, 4);
       compare("h", time_step(x, nothing, w_x, w_y, no_bias), plain_step(x, nothing, w_x, w_y, no_bias),
               "the product of x and W_x, and the tanh applied to it");
     }},
    {"without inputs and without a bias, only the memory counts",
     [] {
       const Matrix x(4, 3, Real(0)), h = random_matrix(4, 5, 5);
       compare("h", time_step(x, h, w_x, w_y, no_bias), plain_step(x, h, w_x, w_y, no_bias),
               "the product of h_before and W_y, which is added to the first one");
     }},
    {"inputs, memory and bias together",
     [] {
       const Matrix x = random_matrix(4, 3, 6), h = random_matrix(4, 5, 7);
       compare("h", time_step(x, h, w_x, w_y, b), plain_step(x, h, w_x, w_y, b),
               "b, which is added to every row, before tanh");
     }},
};
