#include <string>
#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;
using namespace exercise;

/// A cell that is easy to follow: the state after is half the state before plus the input.
static Matrix halve_and_add(const Matrix& x, const Matrix& before) {
  Matrix after = before;
  for (Index j = 0; j < after.size2(); ++j) after(0, j) = before(0, j) / 2 + x(0, 0);
  return after;
}

static void check(const std::vector<Real>& inputs, Index segment, const std::vector<double>& expected,
                  const char* look) {
  std::vector<Matrix> x;
  for (const Real input : inputs) x.emplace_back(1, 1, input);
  const std::vector<Matrix> after = states_after_segments(x, segment, 2, halve_and_add);
  compare("how many segments there are", double(after.size()), double(expected.size()),
          "the last segment may be shorter");
  for (Index i = 0; i < expected.size(); ++i) {
    compare("the state after segment " + std::to_string(i), double(after[i](0, 1)), expected[i], look);
  }
}

const std::vector<Test> exercise::tests = {
    {"one segment", [] { check({1, 1, 1}, 3, {1.75}, "the step from the state before"); }},
    {"the state goes on", [] { check({8, 0, 0, 0}, 2, {4, 1}, "is the state made anew for a segment?"); }},
    {"a shorter last segment", [] { check({8, 0, 0}, 2, {4, 2}, "is the last segment read too?"); }},
    {"segments of one", [] { check({8, 0, 0}, 1, {8, 4, 2}, "a state for each segment"); }},
    {"nothing", [] { check({}, 4, {}, "without inputs there are no segments"); }},
};
