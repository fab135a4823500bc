/// Norms of gradients through time for a person and for other programs.
export module rnn.console.norm_tables;

import rnn.base.std;
import rnn.training.gradient_norms;

export namespace rnn {

/// A table and a plot below a heading: a line for every few steps, from the last one back. In the plot norms go from
/// left to right on a logarithmic scale; what is beyond the scale is drawn at its end.
void print_norms(const std::string& heading, const std::vector<GradientNorms>& curves);

/// t and the norms as comma-separated values, a line for every step, below a heading.
std::string norms_csv(const std::vector<GradientNorms>& curves);

}  // namespace rnn
