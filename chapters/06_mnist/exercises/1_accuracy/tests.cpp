#include <span>
#include <string>
#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;
using namespace exercise;

static void check(const std::vector<Real>& logits, const std::vector<Index>& labels, double expected,
                  const char* look) {
  const Matrix m = to_matrix({logits.data(), labels.size(), logits.size() / labels.size()});
  compare("the accuracy", accuracy(m, labels), expected, look);
}

const std::vector<Test> exercise::tests = {
    {"all right", [] { check({1, 3, 2, 5, 4, 3}, {1, 0}, 1, "the column of the largest logit of each row"); }},
    {"one of four", [] { check({1, 2, 1, 2, 1, 2, 1, 2}, {0, 1, 0, 0}, 0.25, "a division of integers?"); }},
    {"negative logits", [] { check({-3, -1, -2}, {1}, 1, "what the first logit is compared with"); }},
};
