#include <stdexcept>
#include <string>
#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.linalg.matrix;
import rnn.linalg.products;

using namespace rnn;
using namespace exercise;

const std::vector<Test> exercise::tests = {
    {"the axes of a sequence are time, batch, features",
     [] {
       const Sequence x = to_time_major(random_matrix(2 * 3, 4, 1), 2, 3);
       const std::string found =
           std::to_string(x.steps()) + " x " + std::to_string(x.batch()) + " x " + std::to_string(x.features());
       require(found == "3 x 2 x 4", "time x batch x features", "3 x 2 x 4", found, "the arguments of Sequence");
     }},
    {"each row ends up at its step and its example",
     [] {
       const Matrix rows = random_matrix(2 * 3, 4, 1);
       const Sequence x = to_time_major(rows, 2, 3);
       for (Index i = 0; i < 2; ++i) {
         for (Index t = 0; t < 3; ++t) {
           compare("step " + std::to_string(t) + " of example " + std::to_string(i), x[t].rows_from(i, 1),
                   ConstView(rows).rows_from(i * 3 + t, 1),
                   "which row of `rows` it comes from: the step changes fastest");
         }
       }
     }},
    {"factors in the wrong order are refused, with both shapes",
     [] {
       const std::string found = shape_error(Matrix(4, 3), Matrix(3, 5));
       const std::string expected = "product: columns of a (3x5) must equal rows of b (4x3)";
       require(found == expected, "the message", expected, found, "product(w_x, x) between try and catch");
     }},
    {"factors that happen to fit are not",
     [] {
       const std::string found = shape_error(Matrix(5, 3), Matrix(3, 5));
       require(found.empty(), "the message", "none: (3x5)·(5x3) can be multiplied", found,
               "what is returned when nothing was thrown");
     }},
};
