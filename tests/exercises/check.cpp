#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_real_distribution.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "check.hpp"

import rnn.linalg.matrix;

using namespace rnn;

namespace exercise {

struct Failure {
  std::string text;
};

static std::string text(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.7g", value);
  return buffer;
}

// NaN agrees with nothing.
static bool agree(double found, double expected, double tolerance) {
  return std::abs(found - expected) <= tolerance * std::max(1.0, std::abs(expected));
}

void require(bool holds, const std::string& what, const std::string& expected, const std::string& found,
             const std::string& look) {
  if (holds) return;
  throw Failure{what + "\n            expected:  " + expected + "\n            found:     " + found +
                "\n            look at:   " + look};
}

void compare(const std::string& what, double found, double expected, const std::string& look, double tolerance) {
  require(agree(found, expected, tolerance), what, text(expected), text(found), look);
}

void compare(const std::string& what, ConstView found, ConstView expected, const std::string& look, double tolerance) {
  require(found.rows == expected.rows && found.columns == expected.columns, "the shape of " + what, shape(expected),
          shape(found), look);
  for (Index i = 0; i < found.rows; ++i) {
    for (Index j = 0; j < found.columns; ++j) {
      compare(what + ", row " + std::to_string(i) + ", column " + std::to_string(j), found(i, j), expected(i, j), look,
              tolerance);
    }
  }
}

Matrix random_matrix(Index rows, Index columns, unsigned seed) {
  boost::random::mt19937 engine(seed);
  boost::random::uniform_real_distribution<double> uniform(-1, 1);
  Matrix m(rows, columns);
  for (Real& element : m.data()) element = static_cast<Real>(uniform(engine));
  return m;
}

Sequence random_sequence(Index steps, Index batch, Index features, unsigned seed) {
  Sequence x(steps, batch, features);
  copy(random_matrix(steps * batch, features, seed), x.rows());
  return x;
}

Matrix plain_step(ConstView x, ConstView h_before, ConstView w_x, ConstView w_y, ConstView b) {
  Matrix h(x.rows, w_x.columns);
  for (Index i = 0; i < x.rows; ++i) {
    for (Index j = 0; j < w_x.columns; ++j) {
      double sum = b(0, j);
      for (Index k = 0; k < x.columns; ++k) sum += double(x(i, k)) * w_x(k, j);
      for (Index k = 0; k < h_before.columns; ++k) sum += double(h_before(i, k)) * w_y(k, j);
      h(i, j) = static_cast<Real>(std::tanh(sum));
    }
  }
  return h;
}

}  // namespace exercise

// Status 0: all is well; 1: a test failed; 3: the function is not written yet. With --stub, 0 when no test gets past
// "not implemented".
int main(int argc, char** argv) {
  const bool stub = argc > 1 && std::string(argv[1]) == "--stub";
  std::size_t failed = 0, not_implemented = 0;
  for (const exercise::Test& test : exercise::tests) {
    std::string problem;
    try {
      test.run();
    } catch (const exercise::Failure& failure) {
      problem = failure.text;
    } catch (const std::exception& error) {
      if (std::string(error.what()) == "not implemented") ++not_implemented;
      problem = std::string("threw: ") + error.what();
    }
    if (!problem.empty()) ++failed;
    std::printf("  %s  %s\n", problem.empty() ? "ok    " : "FAILED", test.name);
    if (!problem.empty()) std::printf("          %s\n", problem.c_str());
    std::fflush(stdout);
  }
  if (stub) return not_implemented == exercise::tests.size() ? 0 : 1;
  return failed == 0 ? 0 : not_implemented == failed ? 3 : 1;
}
