#include <span>
#include <string>
#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;
using namespace exercise;

static void check(const std::vector<Index>& lengths, Index steps, const std::vector<Real>& expected) {
  compare("the mask", mask(lengths, steps), ConstView(expected.data(), steps, lengths.size()),
          "t < length: the last step that counts is length - 1");
}

const std::vector<Test> exercise::tests = {
    {"full sequences are ones", [] { check({2, 2}, 2, {1, 1, 1, 1}); }},
    {"a shorter one ends earlier", [] { check({3, 1}, 3, {1, 1, 1, 0, 1, 0}); }},
    {"an empty one is zeros", [] { check({0, 2}, 2, {0, 1, 0, 1}); }},
};
