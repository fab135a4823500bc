module;
#include <cmath>
#include <stdexcept>

// Backpropagation through time, written out for three steps. Chapter 01 showed the forward pass; in the backward pass
// each line is the derivative of one of its lines, in the opposite order. dz stands for ∂loss/∂z and has z's shape.
module backpropagation.by_hand;

import backpropagation.network;
import rnn.cases.recorded_case;
import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;
import rnn.network.loss;

using namespace rnn;

namespace backpropagation {

static Matrix zeros_like(const Matrix& a) { return Matrix(a.size1(), a.size2(), Real(0)); }

Result by_hand(const NamedMatrices& weights, const Examples& examples) {
  const Matrix &w_x = weights["w_x"], &w_y = weights["w_y"], &b = weights["b"];
  const Matrix &w_out = weights["w_out"], &b_out = weights["b_out"];
  const Sequence& x = examples.x;
  if (x.steps() != 3 || !examples.lengths.empty() || examples.initial_state.size1() > 0) {
    throw std::invalid_argument("by_hand: only three full steps from the zero state are written out here");
  }
  const Index batch = x.batch(), n = w_y.size1(), classes = b_out.size2();

  // ---- forward ----

  Matrix h0 = product(x[0], w_x);  // (batch × n) = (batch × inputs)·(inputs × n)
  add_bias(b, h0);                 // each row + (1 × n)
  apply(Activation::tanh, h0, h0);

  Matrix h1 = product(x[1], w_x);  // (batch × n)
  add_product(h0, w_y, h1);        // + (batch × n)·(n × n)
  add_bias(b, h1);
  apply(Activation::tanh, h1, h1);

  Matrix h2 = product(x[2], w_x);  // (batch × n)
  add_product(h1, w_y, h2);
  add_bias(b, h2);
  apply(Activation::tanh, h2, h2);

  Matrix logits = product(h2, w_out);  // (batch × classes) = (batch × n)·(n × classes)
  add_bias(b_out, logits);             // each row + (1 × classes)

  Matrix p(batch, classes);  // the probability of each class
  softmax(logits, p);
  Real loss = 0;
  for (Index i = 0; i < batch; ++i) loss -= std::log(p(i, examples.labels[i])) / Real(batch);

  // ---- backward ----

  Matrix dw_x = zeros_like(w_x), dw_y = zeros_like(w_y), db = zeros_like(b);
  Matrix dw_out = zeros_like(w_out), db_out = zeros_like(b_out);

  // loss = −mean log softmax(logits)[label]: dlogits = (p − 1 at the label) / batch
  Matrix dlogits = p;  // (batch × classes)
  for (Index i = 0; i < batch; ++i) dlogits(i, examples.labels[i]) -= 1;
  dlogits /= Real(batch);

  // logits = h2·W_out + b_out
  add_product(transposed(h2), dlogits, dw_out);            // (n × classes) += (n × batch)·(batch × classes)
  add_column_sums(dlogits, db_out);                        // (1 × classes) += Σ rows of (batch × classes)
  const Matrix dh2 = product(dlogits, transposed(w_out));  // (batch × n) = (batch × classes)·(classes × n)

  // Step 2: h2 = tanh(a2), a2 = x2·W_x + h1·W_y + b
  Matrix da2(batch, n);
  apply_gradient(Activation::tanh, h2, dh2, da2);    // da2 = dh2 ⊙ (1 − h2²), since tanh′ = 1 − tanh²
  add_product(transposed(x[2]), da2, dw_x);          // (inputs × n) += (inputs × batch)·(batch × n)
  add_product(transposed(h1), da2, dw_y);            // (n × n) += (n × batch)·(batch × n)
  add_column_sums(da2, db);                          // (1 × n) += Σ rows of (batch × n)
  const Matrix dh1 = product(da2, transposed(w_y));  // (batch × n) = (batch × n)·(n × n): one step back in time

  // Step 1: the same lines, and the same W_x, W_y and b. A weight that is used three times gets three gradients, and
  // their sum is its gradient: that is all that "through time" means.
  Matrix da1(batch, n);
  apply_gradient(Activation::tanh, h1, dh1, da1);
  add_product(transposed(x[1]), da1, dw_x);
  add_product(transposed(h0), da1, dw_y);
  add_column_sums(da1, db);
  const Matrix dh0 = product(da1, transposed(w_y));

  // Step 0: the state before it is zero, so that W_y, which multiplies it, gets no gradient.
  Matrix da0(batch, n);
  apply_gradient(Activation::tanh, h0, dh0, da0);
  add_product(transposed(x[0]), da0, dw_x);
  add_column_sums(da0, db);

  return {logits, loss, {{{"w_x", dw_x}, {"w_y", dw_y}, {"b", db}, {"w_out", dw_out}, {"b_out", db_out}}}};
}

}  // namespace backpropagation
