#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;
using namespace exercise;

// A vector, the limit, its length before, and what it should be afterward.
static void check(std::vector<Real> g, Real limit, double norm, const std::vector<Real>& expected, const char* look) {
  compare("the length that is returned", clip({g.data(), 1, g.size()}, limit), norm,
          "√(Σ g²), before anything is scaled");
  compare("the gradients", ConstView(g.data(), 1, g.size()), ConstView(expected.data(), 1, expected.size()), look);
}

const std::vector<Test> exercise::tests = {
    {"a long gradient is shortened to the limit, in its direction",
     [] { check({3, -4}, 1, 5, {0.6f, -0.8f}, "g·limit/length: one factor for all"); }},
    {"a short one is left alone",
     [] { check({0.3f, 0.4f}, 1, 0.5, {0.3f, 0.4f}, "min(1, …): it is never made longer"); }},
    {"zero stays zero", [] { check({0, 0, 0}, 1, 0, {0, 0, 0}, "a division by a length of zero"); }},
    {"squares that a float cannot hold", [] { check({3e25f, 4e25f}, 5, 5e25, {3, 4}, "sum the squares in double"); }},
};
