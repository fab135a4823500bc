module;
#include <string>
#include <vector>

/// What this chapter prints, and the table that it writes.
export module backpropagation.tables;

import backpropagation.network;
import backpropagation.norms;
import backpropagation.training;
import rnn.autodiff.gradient_check;

export namespace backpropagation {

/// Losses and gradients of both side by side: by hand on the left, from the tape on the right.
void print_side_by_side(const Result& hand, const Result& tape);

/// A line for each of the weights.
void print_errors(const std::vector<rnn::GradientError>& errors, Real step);

/// A table and a plot below a heading: a line for every few steps, from the last one back. In the plot norms go from
/// left to right on a logarithmic scale; what is beyond the scale is drawn at its end.
void print_norms(const std::string& heading, const std::vector<Norms>& curves);

/// t and the norms as comma-separated values, a line for every step, below a heading.
std::string csv(const std::vector<Norms>& curves);

/// The updates of both trainings side by side.
void print_trainings(const std::vector<Step>& free, const std::vector<Step>& clipped, Real max_norm);

}  // namespace backpropagation
