#include <cmath>
#include <string>
#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;
using namespace exercise;

static void check(const std::vector<Real>& logits, double temperature, const std::vector<double>& expected,
                  const char* look) {
  const std::vector<double> found = at_temperature(to_matrix({logits.data(), 1, logits.size()}), temperature);
  compare("how many probabilities there are", double(found.size()), double(expected.size()), "one for each class");
  for (Index j = 0; j < expected.size(); ++j) compare("probability " + std::to_string(j), found[j], expected[j], look);
}

const std::vector<Test> exercise::tests = {
    {"at 1 it is the softmax", [] { check({0, std::log(Real(3))}, 1, {0.25, 0.75}, "e^logit over the sum of all"); }},
    {"at 1/2 the likely is likelier",
     [] { check({0, std::log(Real(3))}, 0.5, {0.1, 0.9}, "is it the logits that are divided?"); }},
    {"at 2 all is more alike",
     [] { check({0, std::log(Real(4))}, 2, {1.0 / 3, 2.0 / 3}, "is it the logits that are divided?"); }},
    {"near 0 only the likeliest is left", [] { check({1, 3, 2}, 0.001, {0, 1, 0}, "e^(3 / 0.001) is infinite"); }},
    {"large logits", [] { check({10000, 10000}, 1, {0.5, 0.5}, "e^10000 is infinite"); }},
};
