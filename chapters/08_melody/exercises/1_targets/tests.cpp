#include <string>
#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;
using namespace exercise;

static void check(const std::vector<Index>& melody, const std::vector<Index>& inputs,
                  const std::vector<Index>& targets) {
  const Steps steps = steps_of(melody, 90, 91);
  compare("the number of inputs", double(steps.inputs.size()), double(inputs.size()),
          "a step for each event, and one for the end");
  compare("the number of targets", double(steps.targets.size()), double(targets.size()), "as many as there are inputs");
  for (Index t = 0; t < inputs.size(); ++t) {
    const std::string at = " of step " + std::to_string(t);
    compare("the input" + at, double(steps.inputs[t]), double(inputs[t]), "the event before, not the one to predict");
    compare("the target" + at, double(steps.targets[t]), double(targets[t]), "the event that comes next");
  }
}

const std::vector<Test> exercise::tests = {
    {"three events", [] { check({5, 7, 6}, {90, 5, 7, 6}, {5, 7, 6, 91}); }},
    {"an event again and again", [] { check({4, 4}, {90, 4, 4}, {4, 4, 91}); }},
    {"no event at all", [] { check({}, {90}, {91}); }},
};
