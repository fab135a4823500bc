module;
#include <boost/random/mersenne_twister.hpp>

/// The weights with which training starts. Numbers are drawn in double and rounded to float in both builds of the
/// layer, so that both start from the same weights.
export module rnn.network.initializers;

import rnn.linalg.matrix;

export namespace rnn {

using Engine = boost::random::mt19937;

/// Normal numbers of mean 0: the notebook's tf.random_normal.
void random_normal(View w, Engine& engine, double standard_deviation = 1);

/// Uniform in ±√(6 / (fan_in + fan_out)). TensorFlow's BasicRNNCell holds W_x and W_y in one matrix of (inputs + n) ×
/// n, so both get the limit for fan_in = inputs + n, fan_out = n.
/// Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, AISTATS 2010.
void glorot_uniform(View w, Engine& engine, Index fan_in, Index fan_out);

/// A random matrix with orthonormal columns (rows, if there are fewer of them), times `gain`: multiplying by it
/// preserves the length of a state, up to the gain. Made from normal numbers by Gram-Schmidt.
/// Source: Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning, ICLR 2014.
void orthogonal(View w, Engine& engine, double gain = 1);

/// Zeros, the usual start of a bias.
void zeros(View w);

}  // namespace rnn
