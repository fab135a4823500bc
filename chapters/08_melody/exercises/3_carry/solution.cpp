#include <algorithm>
#include <vector>

#include "exercise.hpp"

import rnn.linalg.matrix;

using namespace rnn;

std::vector<Matrix> states_after_segments(const std::vector<Matrix>& inputs, Index segment, Index n,
                                          const StepOfCell& step) {
  std::vector<Matrix> after;
  Matrix state(1, n, Real(0));  // outside of the loop: a segment goes on where the last one ended
  for (Index first = 0; first < inputs.size(); first += segment) {
    const Index end = std::min(first + segment, Index(inputs.size()));
    for (Index t = first; t < end; ++t) state = step(inputs[t], state);
    after.push_back(state);
  }
  return after;
}
