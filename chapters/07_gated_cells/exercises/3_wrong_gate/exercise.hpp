// 07.3 Find the wrong gate (hard)
#pragma once
#include <span>
#include <string>

import rnn.autodiff.tape;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;

/// One step of a GRU; the gates' blocks of columns in the order r, z, n.
struct Network {
  rnn::Matrix x;         // (batch × inputs)
  rnn::Matrix h_before;  // (batch × n)
  rnn::Matrix w_x;       // (inputs × 3n)
  rnn::Matrix w_y;       // (n × 3n)
  rnn::Matrix b;         // (1 × 3n)
  rnn::Matrix b_y;       // (1 × n)
};

struct Gradients {
  rnn::Matrix w_x, w_y, b, b_y;  // of the shapes above
};

/// The loss, (1 × 1): the sum of h = n + z ⊙ (h_before − n). `weights` are w_x, w_y, b, b_y on the tape.
rnn::Var loss(const Network& network, rnn::Tape& tape, std::span<const rnn::Var> weights);

/// What the step computes along the way, all (batch × n): r, z, n, and q = h_before·U_n + b_y.
struct Gates {
  rnn::Matrix r, z, n, q;
};
Gates gates(const Network& network);

/// The gradients of all weights from those of the pre-activations: on the inputs' side, da (batch × 3n), and on the
/// recurrent side, du (batch × 3n).
inline Gradients from_pre_activations(const Network& network, const rnn::Matrix& da, const rnn::Matrix& du) {
  const rnn::Index n = network.h_before.size2();
  Gradients d{rnn::product(rnn::transposed(network.x), da), rnn::product(rnn::transposed(network.h_before), du),
              rnn::Matrix(1, 3 * n, 0), rnn::Matrix(1, n, 0)};
  rnn::add_column_sums(da, d.b);
  rnn::add_column_sums(rnn::ConstView(du).columns_from(2 * n, n), d.b_y);
  return d;
}

/// ∂loss/∂weights, written by someone in a hurry.
inline Gradients given_gradients(const Network& network) {
  const auto [r, z, n, q] = gates(network);
  const rnn::Index batch = n.size1(), size = n.size2();
  rnn::Matrix da(batch, 3 * size), du(batch, 3 * size);
  for (rnn::Index i = 0; i < batch; ++i) {
    for (rnn::Index j = 0; j < size; ++j) {
      const rnn::Real dh = 1;  // the loss is the sum of h
      const rnn::Real da_n = dh * (1 - z(i, j)) * (1 - n(i, j) * n(i, j));
      const rnn::Real da_r = da_n * q(i, j) * r(i, j) * (1 - r(i, j));
      const rnn::Real da_z = dh * (network.h_before(i, j) - n(i, j)) * z(i, j) * (1 - z(i, j));
      da(i, j) = du(i, j) = da_r;
      da(i, size + j) = du(i, size + j) = da_z;
      da(i, 2 * size + j) = du(i, 2 * size + j) = da_n;
    }
  }
  return from_pre_activations(network, da, du);
}

/// The names of the gradients whose relative error against centered differences exceeds 1e-6, in the order w_x, w_y, b,
/// b_y, separated by spaces; "" if there are none.
std::string wrong_weights(const Network& network, const Gradients& gradients);

/// "r", "z" or "n": find the element of w_x, w_y or b whose gradient has the largest relative error; this is its gate.
/// "" if no error exceeds 1e-6. (At most one gate is wrong.)
std::string wrong_gate(const Network& network, const Gradients& gradients);

/// given_gradients, corrected.
Gradients right_gradients(const Network& network);
