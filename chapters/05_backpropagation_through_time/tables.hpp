#pragma once
// What this chapter prints.
#include <string>
#include <vector>

#include "network.hpp"
#include "norms.hpp"
#include "training.hpp"

import rnn.autodiff.gradient_check;
import rnn.linalg.matrix;

namespace rnn {

/// Loss and gradients of both ways beside one another: the left half by hand, the right half from the tape.
void print_side_by_side(const Result& hand, const Result& tape);

/// A line for each of the weights.
void print_errors(const std::vector<GradientError>& errors, Real step);

/// A table and a plot below a heading.
void print_norms(const std::string& heading, const std::vector<Norms>& curves);

/// The updates of both trainings beside one another.
void print_trainings(const std::vector<Step>& free, const std::vector<Step>& clipped, Real max_norm);

}  // namespace rnn
