#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.matrix;

using namespace rnn;
using namespace exercise;

static const Matrix x = random_matrix(3, 2, 1), h_before = random_matrix(3, 4, 2), dh = random_matrix(3, 4, 3);
static const Matrix w_x = random_matrix(2, 4, 4), w_y = random_matrix(4, 4, 5), b = random_matrix(1, 4, 6);

static StepGradients found() { return backward({x, h_before, plain_step(x, h_before, w_x, w_y, b)}, dh, w_x, w_y); }

// What the tape says, for a loss whose gradient with respect to h is dh.
static StepGradients expected() {
  Tape tape;
  const Var vx = tape.variable(x), vh = tape.variable(h_before);
  const Var vw_x = tape.variable(w_x), vw_y = tape.variable(w_y), vb = tape.variable(b);
  const Var h = tanh(add_bias(add_matmul(matmul(vx, vw_x), vh, vw_y), vb));
  tape.backward(sum(multiply(h, tape.constant(dh))));
  return {to_matrix(vx.gradient()), to_matrix(vh.gradient()), to_matrix(vw_x.gradient()), to_matrix(vw_y.gradient()),
          to_matrix(vb.gradient())};
}

const std::vector<Test> exercise::tests = {
    {"db, the sum of the rows of da",
     [] { compare("db", found().db, expected().db, "da = dh ⊙ (1 - h²), and then its column sums"); }},
    {"dW_x, from the inputs of the step", [] { compare("dw_x", found().dw_x, expected().dw_x, "xᵀ·da"); }},
    {"dW_y, from the previous state",
     [] { compare("dw_y", found().dw_y, expected().dw_y, "h_beforeᵀ·da: the state before, not after"); }},
    {"dx, for whatever computed the inputs", [] { compare("dx", found().dx, expected().dx, "da·W_xᵀ"); }},
    {"dh_before, one step back in time",
     [] { compare("dh_before", found().dh_before, expected().dh_before, "da·W_yᵀ: is it transposed?"); }},
};
