#include <cmath>
#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;
using namespace exercise;

static constexpr Index n = 4, inputs = 3, batch = 2;
static const Matrix x = random_matrix(batch, inputs, 1), h_before = random_matrix(batch, n, 2);
static const GruWeights weights{random_matrix(inputs, 3 * n, 3), random_matrix(n, 3 * n, 4), random_matrix(1, 3 * n, 5),
                                random_matrix(1, n, 6)};

// Column j of row i of the product of `row` and a block of w.
static double sum(const Matrix& rows, Index i, const Matrix& w, Index column) {
  double total = 0;
  for (Index k = 0; k < rows.size2(); ++k) total += double(rows(i, k)) * w(k, column);
  return total;
}

static double sigmoid(double a) { return 1 / (1 + std::exp(-a)); }

// The formula, one number after the other.
static Matrix expected(const GruWeights& w, const Matrix& before) {
  Matrix h(batch, n);
  for (Index i = 0; i < batch; ++i) {
    for (Index j = 0; j < n; ++j) {
      const auto a = [&](Index block) { return sum(x, i, w.w_x, block * n + j) + w.b(0, block * n + j); };
      const auto u = [&](Index block) { return sum(before, i, w.w_y, block * n + j); };
      const double r = sigmoid(a(0) + u(0)), z = sigmoid(a(1) + u(1));
      const double candidate = std::tanh(a(2) + r * (u(2) + w.b_y(0, j)));
      h(i, j) = static_cast<Real>((1 - z) * candidate + z * before(i, j));
    }
  }
  return h;
}

// The same weights with a gate's bias so large, or so small, that the gate is open or closed.
static GruWeights with_gate(Index block, Real bias) {
  GruWeights changed = weights;
  for (Index j = 0; j < n; ++j) changed.b(0, block * n + j) = bias;
  return changed;
}

const std::vector<Test> exercise::tests = {
    {"an open update gate keeps the old state",
     [] { compare("h", gru_step(x, h_before, with_gate(1, 50)), h_before, "(1 - z) ⊙ n + z ⊙ h_before, with z = 1"); }},
    {"a closed reset gate makes the candidate forget h_before",
     [] {
       GruWeights closed = with_gate(0, -50);
       compare("h", gru_step(x, h_before, closed), expected(closed, h_before),
               "n = tanh(a_n + r ⊙ (h_before·U_n + b_y)), with r = 0");
     }},
    {"b_y is multiplied by the reset gate too",
     [] {
       const Matrix zero(batch, n, Real(0));
       compare("h", gru_step(x, zero, weights), expected(weights, zero),
               "b_y belongs inside the parentheses: r ⊙ (… + b_y)");
     }},
    {"the whole step",
     [] {
       compare("h", gru_step(x, h_before, weights), expected(weights, h_before), "the order of the blocks: r, z, n");
     }},
};
