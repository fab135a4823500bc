/// What this chapter prints.
export module backpropagation.tables;

import backpropagation.network;
import backpropagation.training;
import rnn.autodiff.gradient_check;
import rnn.base.std;

export namespace backpropagation {

/// Losses and gradients of both side by side: by hand on the left, from the tape on the right.
void print_side_by_side(const Result& hand, const Result& tape);

/// A line for each of the weights.
void print_errors(const std::vector<rnn::GradientError>& errors, Real step);

/// The updates of both trainings side by side.
void print_trainings(const std::vector<Step>& free, const std::vector<Step>& clipped, Real max_norm);

}  // namespace backpropagation
