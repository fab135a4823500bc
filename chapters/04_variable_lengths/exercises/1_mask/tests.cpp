#include <span>
#include <string>
#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;
using namespace exercise;

// Never as many steps as examples: the shape tells swapped axes.
static void check(const std::vector<Index>& lengths, Index steps, const std::vector<Real>& expected) {
  const Matrix found = mask(lengths, steps);
  compare_shape("the mask", found, steps, lengths.size(), "its axes: row t is time step t, column i is example i");
  compare("the mask", found, ConstView(expected.data(), steps, lengths.size()),
          "t < lengths[i]: the last step that counts is lengths[i] - 1");
}

const std::vector<Test> exercise::tests = {
    {"full sequences are ones", [] { check({2, 2, 2}, 2, {1, 1, 1, 1, 1, 1}); }},
    {"a shorter one ends earlier", [] { check({3, 1}, 3, {1, 1, 1, 0, 1, 0}); }},
    {"an empty one is zeros", [] { check({0, 2, 1}, 2, {0, 1, 1, 0, 1, 0}); }},
};
