module;
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>

#include <cmath>
#include <numeric>
#include <span>
#include <vector>

module rnn.network.initializers;

import rnn.linalg.matrix;

namespace rnn {

// The numbers are drawn in double and rounded, so that both builds of the layer start from the same weights.
static Real rounded(double x) { return static_cast<Real>(static_cast<float>(x)); }

template <class Distribution>
static void draw(View w, Engine& engine, Distribution distribution) {
  for (Index i = 0; i < w.rows; ++i) {
    for (Index j = 0; j < w.columns; ++j) w(i, j) = rounded(distribution(engine));
  }
}

void random_normal(View w, Engine& engine, double standard_deviation) {
  draw(w, engine, boost::random::normal_distribution<double>(0, standard_deviation));
}

void glorot_uniform(View w, Engine& engine, Index fan_in, Index fan_out) {
  const double limit = std::sqrt(6.0 / double(fan_in + fan_out));
  draw(w, engine, boost::random::uniform_real_distribution<double>(-limit, limit));
}

// Removes from column j its projections onto the columns before it, and scales it to length 1.
static void orthonormalize_column(std::span<std::vector<double>> columns, Index j) {
  std::vector<double>& column = columns[j];
  for (Index pass = 0; pass < 2; ++pass) {  // the second removes what rounding left in the first
    for (Index before = 0; before < j; ++before) {
      const double product = std::inner_product(column.begin(), column.end(), columns[before].begin(), 0.0);
      for (Index i = 0; i < column.size(); ++i) column[i] -= product * columns[before][i];
    }
    const double length = std::sqrt(std::inner_product(column.begin(), column.end(), column.begin(), 0.0));
    for (double& x : column) x /= length;
  }
}

void orthogonal(View w, Engine& engine, double gain) {
  if (w.rows < w.columns) return orthogonal(transposed(w), engine, gain);
  boost::random::normal_distribution<double> normal;
  std::vector columns(w.columns, std::vector<double>(w.rows));
  for (Index j = 0; j < w.columns; ++j) {
    for (double& x : columns[j]) x = normal(engine);
    orthonormalize_column(columns, j);
    for (Index i = 0; i < w.rows; ++i) w(i, j) = rounded(gain * columns[j][i]);
  }
}

void zeros(View w) { fill(w, Real(0)); }

}  // namespace rnn
