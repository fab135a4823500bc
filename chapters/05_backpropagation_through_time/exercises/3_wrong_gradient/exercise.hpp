// 05.3 Find the wrong gradient (hard)
#pragma once
#include <span>
#include <string>

import rnn.autodiff.tape;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;

struct Network {
  rnn::Matrix x;         // (batch × inputs)
  rnn::Matrix h_before;  // (batch × n)
  rnn::Matrix w_x;       // (inputs × n)
  rnn::Matrix w_y;       // (n × n)
  rnn::Matrix b;         // (1 × n)
};

struct Gradients {
  rnn::Matrix w_x, w_y, b;  // of the shapes above
};

/// The loss, (1 × 1): the sum of h = tanh(x·W_x + h_before·W_y + b). `weights` are w_x, w_y, b on the tape.
rnn::Var loss(const Network& network, rnn::Tape& tape, std::span<const rnn::Var> weights);

/// h, (batch × n).
rnn::Matrix state(const Network& network);

/// ∂loss/∂weights, written by someone in a hurry.
inline Gradients given_gradients(const Network& network) {
  const rnn::Matrix h = state(network);
  rnn::Matrix da(h.size1(), h.size2());  // dh is 1 everywhere: da = 1 − h²
  for (rnn::Index i = 0; i < h.size1(); ++i) {
    for (rnn::Index j = 0; j < h.size2(); ++j) da(i, j) = 1 - h(i, j) * h(i, j);
  }
  Gradients d{rnn::product(rnn::transposed(network.x), da), rnn::product(rnn::transposed(h), da),
              rnn::Matrix(1, da.size2(), 0)};
  rnn::add_column_sums(da, d.b);
  return d;
}

/// "w_x", "w_y" or "b": the gradient whose relative error against centered differences exceeds 1e-6 (at most one
/// does); "" if there is none.
std::string which_is_wrong(const Network& network, const Gradients& gradients);

/// given_gradients, corrected.
Gradients right_gradients(const Network& network);
