#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.matrix;

using namespace rnn;
using namespace exercise;

static constexpr Index n = 4, inputs = 2, batch = 3;
static const Matrix x = random_matrix(batch, inputs, 1), h_before = random_matrix(batch, n, 2),
                    c_before = random_matrix(batch, n, 3), dh = random_matrix(batch, n, 4),
                    dc = random_matrix(batch, n, 5);
static const Matrix w_x = random_matrix(inputs, 4 * n, 6), w_y = random_matrix(n, 4 * n, 7),
                    b = random_matrix(1, 4 * n, 8);

// The step on a tape, and what the tape says, for a loss whose gradients with respect to h and c are dh and dc.
struct OnTape {
  LstmStep step;
  LstmGradients gradients;
};
static OnTape on_tape(const Matrix& dh, const Matrix& dc) {
  Tape tape;
  const Var vh = tape.variable(h_before), vc = tape.variable(c_before);
  const Var vw_x = tape.variable(w_x), vw_y = tape.variable(w_y), vb = tape.variable(b);
  const Var a = add_bias(add_matmul(matmul(tape.constant(x), vw_x), vh, vw_y), vb);
  const Var i = sigmoid(slice_columns(a, 0, n)), f = sigmoid(slice_columns(a, n, n));
  const Var g = tanh(slice_columns(a, 2 * n, n)), o = sigmoid(slice_columns(a, 3 * n, n));
  const Var c = add_multiplied(multiply(i, g), f, vc), h = multiply(o, tanh(c));
  tape.backward(sum(add(multiply(h, tape.constant(dh)), multiply(c, tape.constant(dc)))));
  return {{x, h_before, c_before, to_matrix(i.value()), to_matrix(f.value()), to_matrix(g.value()),
           to_matrix(o.value()), to_matrix(c.value())},
          {to_matrix(a.gradient()), to_matrix(vc.gradient()), to_matrix(vh.gradient()), to_matrix(vw_x.gradient()),
           to_matrix(vw_y.gradient()), to_matrix(vb.gradient())}};
}

static const OnTape both = on_tape(dh, dc);
static LstmGradients found() { return backward(both.step, dh, dc, w_y); }

static void compare_block(Index k, const char* what, const char* look) {
  const LstmGradients d = found();
  compare("the columns of da", double(d.da.size2()), double(4 * n), "da has the shape of the pre-activations");
  compare(what, ConstView(d.da).columns_from(k * n, n), ConstView(both.gradients.da).columns_from(k * n, n), look);
}

const std::vector<Test> exercise::tests = {
    {"dc_before, along the cell state",
     [] { compare("dc_before", found().dc_before, both.gradients.dc_before, "(dc + dh ⊙ o ⊙ (1 - tanh²c)) ⊙ f"); }},
    {"dc_before when h is not used: dc ⊙ f, nothing else",
     [] {
       const Matrix zero(batch, n, Real(0));
       compare("dc_before", backward(both.step, zero, dc, w_y).dc_before, on_tape(zero, dc).gradients.dc_before,
               "don't forget dc: it is added to what comes through h");
     }},
    {"da of the input gate", [] { compare_block(0, "da_i", "dc ⊙ g ⊙ i ⊙ (1 - i)"); }},
    {"da of the forget gate", [] { compare_block(1, "da_f", "dc ⊙ c_before ⊙ f ⊙ (1 - f): the c before, not after"); }},
    {"da of the candidate", [] { compare_block(2, "da_g", "dc ⊙ i ⊙ (1 - g²): a tanh, not a sigmoid"); }},
    {"da of the output gate", [] { compare_block(3, "da_o", "dh ⊙ tanh(c) ⊙ o ⊙ (1 - o): of dh alone, not of dc"); }},
    {"the weights' gradients",
     [] {
       const LstmGradients d = found();
       compare("dw_x", d.dw_x, both.gradients.dw_x, "xᵀ·da");
       compare("dw_y", d.dw_y, both.gradients.dw_y, "h_beforeᵀ·da: W_y multiplied h, never c");
       compare("db", d.db, both.gradients.db, "the sum of the rows of da");
     }},
    {"dh_before, through the gates",
     [] { compare("dh_before", found().dh_before, both.gradients.dh_before, "da·W_yᵀ, all 4n columns of da"); }},
};
