#include <string>
#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;
using namespace exercise;

static void check(const std::vector<double>& probabilities, Index k, const std::vector<double>& expected,
                  const char* look) {
  const std::vector<double> found = top_k(probabilities, k);
  compare("how many probabilities there are", double(found.size()), double(expected.size()), "each stays in its place");
  for (Index j = 0; j < expected.size(); ++j) compare("probability " + std::to_string(j), found[j], expected[j], look);
}

const std::vector<Test> exercise::tests = {
    {"two of four",
     [] { check({0.1, 0.45, 0.15, 0.3}, 2, {0, 0.6, 0, 0.4}, "divided by the sum of those that are kept?"); }},
    {"one", [] { check({0.2, 0.5, 0.3}, 1, {0, 1, 0}, "the largest alone is certain"); }},
    {"all", [] { check({0.2, 0.5, 0.3}, 3, {0.2, 0.5, 0.3}, "nothing is left out"); }},
    {"more than there are", [] { check({0.25, 0.75}, 9, {0.25, 0.75}, "there are only two"); }},
    {"equal ones", [] { check({0.25, 0.25, 0.25, 0.25}, 2, {0.5, 0.5, 0, 0}, "of equal ones, the first"); }},
};
