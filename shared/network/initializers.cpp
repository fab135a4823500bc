module;
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>

#include <cmath>

module rnn.initializers;

import rnn.matrix;

namespace rnn {

// The numbers are drawn in double and rounded, so that both builds of the layer start from the same weights.
template <class Distribution>
static void draw(View w, Engine& engine, Distribution distribution) {
  for (Index i = 0; i < w.rows; ++i) {
    for (Index j = 0; j < w.columns; ++j) w(i, j) = static_cast<Real>(static_cast<float>(distribution(engine)));
  }
}

void random_normal(View w, Engine& engine, Real standard_deviation) {
  draw(w, engine, boost::random::normal_distribution<double>(0, double(standard_deviation)));
}

void glorot_uniform(View w, Engine& engine, Index fan_in, Index fan_out) {
  const double limit = std::sqrt(6.0 / double(fan_in + fan_out));
  draw(w, engine, boost::random::uniform_real_distribution<double>(-limit, limit));
}

void orthogonal(View w, Engine& engine, Real gain) {
  if (w.rows < w.columns) return orthogonal(transposed(w), engine, gain);
  random_normal(w, engine);
  for (Index j = 0; j < w.columns; ++j) {
    for (Index pass = 0; pass < 2; ++pass) {  // the second removes what rounding left in the first
      for (Index before = 0; before < j; ++before) {
        double product = 0;
        for (Index i = 0; i < w.rows; ++i) product += double(w(i, j)) * double(w(i, before));
        for (Index i = 0; i < w.rows; ++i) w(i, j) -= static_cast<Real>(product) * w(i, before);
      }
      double square = 0;
      for (Index i = 0; i < w.rows; ++i) square += double(w(i, j)) * double(w(i, j));
      for (Index i = 0; i < w.rows; ++i) w(i, j) /= static_cast<Real>(std::sqrt(square));
    }
  }
  for (Index i = 0; i < w.rows; ++i) {
    for (Index j = 0; j < w.columns; ++j) w(i, j) *= gain;
  }
}

void zeros(View w) { fill(w, Real(0)); }

}  // namespace rnn
