#include <limits>
#include <span>
#include <string>
#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;
using namespace exercise;

static const Real nan = std::numeric_limits<Real>::quiet_NaN();

static void check(const std::vector<Real>& losses, const std::vector<Index>& lengths, double mean,
                  const std::vector<Real>& gradient) {
  const Index batch = lengths.size(), steps = losses.size() / batch;
  const MaskedMean found = masked_mean(to_matrix({losses.data(), steps, batch}), lengths);
  compare("the mean", found.mean, mean, "the sum of the steps that count, and how many there are");
  compare("the gradient", found.gradient, ConstView(gradient.data(), steps, batch),
          "1 / (steps that count) where t < length, zero elsewhere");
}

const std::vector<Test> exercise::tests = {
    {"full sequences: the plain mean", [] { check({1, 2, 3, 6}, {2, 2}, 3, {0.25, 0.25, 0.25, 0.25}); }},
    {"padding counts neither in the sum nor in the number of steps",
     [] { check({3, 5, 4, nan, 9, nan}, {3, 1}, 21.0 / 4, {0.25, 0.25, 0.25, 0, 0.25, 0}); }},
    {"more padding changes nothing", [] { check({2, 4, nan, nan, nan, nan}, {1, 1}, 3, {0.5, 0.5, 0, 0, 0, 0}); }},
    {"without any step the mean is zero", [] { check({nan, nan}, {0, 0}, 0, {0, 0}); }},
};
