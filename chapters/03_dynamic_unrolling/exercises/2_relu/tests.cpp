#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.matrix;

using namespace rnn;
using namespace exercise;

static const Matrix values = random_matrix(3, 4, 1), factors = random_matrix(3, 4, 2);

const std::vector<Test> exercise::tests = {
    {"negative numbers become zero, the others stay",
     [] {
       Tape tape;
       Matrix expected = values;
       for (Real& x : expected.data()) x = x > 0 ? x : 0;
       compare("y", my_relu(tape.constant(values)).value(), expected, "what is written to tape.output(y)");
     }},
    {"the gradient passes where x is above zero, and only there",
     [] {
       Tape tape;
       const Var x = tape.variable(values);
       tape.backward(sum(multiply(my_relu(x), tape.constant(factors))));  // so that dy = factors
       Matrix expected = factors;
       for (Index i = 0; i < 3; ++i) {
         for (Index j = 0; j < 4; ++j) expected(i, j) *= values(i, j) > 0;
       }
       compare("dx", x.gradient(), expected, "the closure given to on_backward: dy where x > 0");
     }},
    {"the gradient is added to what is already there",
     [] {
       Tape tape;
       const Var x = tape.variable(values);
       tape.backward(sum(add(x, my_relu(x))));  // d/dx of x + relu(x) is 1 or 2
       Matrix expected(3, 4);
       for (Index i = 0; i < 3; ++i) {
         for (Index j = 0; j < 4; ++j) expected(i, j) = values(i, j) > 0 ? 2 : 1;
       }
       compare("dx", x.gradient(), expected, "the closure needs += instead of =");
     }},
};
