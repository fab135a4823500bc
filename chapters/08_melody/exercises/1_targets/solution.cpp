#include <span>

#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;

Steps steps_of(std::span<const Index> melody, Index none, Index end) {
  Steps steps;
  steps.inputs.push_back(none);
  for (const Index event : melody) {
    steps.targets.push_back(event);  // the event of this step …
    steps.inputs.push_back(event);   // … is the input of the next one
  }
  steps.targets.push_back(end);
  return steps;
}
