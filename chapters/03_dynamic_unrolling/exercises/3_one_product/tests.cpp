#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.linalg.matrix;
import rnn.linalg.products;

using namespace rnn;
using namespace exercise;

static const Sequence x = random_sequence(5, 3, 2, 1), h = random_sequence(5, 3, 4, 2),
                      da = random_sequence(5, 3, 4, 3);

const std::vector<Test> exercise::tests = {
    {"dW_x is the sum of all steps' products",
     [] {
       Matrix expected(2, 4, Real(0));
       for (Index t = 0; t < 5; ++t) add_product(transposed(x[t]), da[t], expected);
       compare("dw_x", weight_gradients(x, h, da).dw_x, expected, "all rows of x, transposed, times all rows of da");
     }},
    {"dW_y pairs each step with the state before it",
     [] {
       Matrix expected(4, 4, Real(0));
       for (Index t = 1; t < 5; ++t) add_product(transposed(h[t - 1]), da[t], expected);
       compare("dw_y", weight_gradients(x, h, da).dw_y, expected, "which rows of h are paired with which rows of da");
     }},
    {"db is the sum of all rows",
     [] {
       Matrix expected(1, 4, Real(0));
       for (Index i = 0; i < 15; ++i) {
         for (Index j = 0; j < 4; ++j) expected(0, j) += da.rows()(i, j);
       }
       compare("db", weight_gradients(x, h, da).db, expected, "add_column_sums adds to what is there: is that zero?");
     }},
    {"a single step has no state before it",
     [] {
       const Sequence x1 = random_sequence(1, 3, 2, 4), h1 = random_sequence(1, 3, 4, 5),
                      da1 = random_sequence(1, 3, 4, 6);
       compare("dw_y", weight_gradients(x1, h1, da1).dw_y, Matrix(4, 4, Real(0)),
               "how many rows are paired: (T - 1)·batch");
     }},
};
