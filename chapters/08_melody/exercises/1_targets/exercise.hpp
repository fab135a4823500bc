// 08.1 What to predict (easy)
#pragma once
#include <span>
#include <vector>

import rnn.linalg.matrix;

/// What a network hears and what it is to say at each step of a melody. Events are numbers; `none` is what it hears
/// before the first, and `end` is what it is to say after the last.
struct Steps {
  std::vector<rnn::Index> inputs, targets;
};
Steps steps_of(std::span<const rnn::Index> melody, rnn::Index none, rnn::Index end);
