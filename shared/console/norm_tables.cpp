module;
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <string>
#include <vector>

module rnn.console.norm_tables;

import rnn.linalg.matrix;
import rnn.training.gradient_norms;

namespace rnn {

static std::vector<Index> shown_steps(Index steps) {
  std::vector<Index> shown;
  const Index every = std::max<Index>(1, steps / 10);
  for (Index back = 0; back <= steps; back += every) shown.push_back(steps - back);
  return shown;
}

static std::string table(const std::vector<GradientNorms>& curves) {
  std::string text = "           t";
  for (const GradientNorms& curve : curves) text += fmt::format("  {:>15}", curve.name);
  for (const Index t : shown_steps(curves[0].at.size() - 1)) {
    text += fmt::format("\n  {:10}", t);
    for (const GradientNorms& curve : curves) text += fmt::format("  {:15.3e}", curve.at[t]);
  }
  text += "\n  mean |h_t|";
  for (const GradientNorms& curve : curves) text += fmt::format("  {:15.3}", curve.mean_state);
  return text + "\n";
}

static std::string plot(const std::vector<GradientNorms>& curves) {
  constexpr int powers = 16;  // of ten, to either side of the middle
  constexpr int middle = 2 * powers;
  const std::string left = fmt::format("1e-{}", powers), right = fmt::format("1e+{}", powers);
  std::string text = fmt::format("           t  {}{:^{}}{}\n", left, "1", 2 * middle + 1 - 10, right);
  for (const Index t : shown_steps(curves[0].at.size() - 1)) {
    std::string line(2 * middle + 1, ' ');
    line[middle] = '|';
    for (const GradientNorms& curve : curves) {
      const Real power = std::clamp(std::log10(curve.at[t]), Real(-powers), Real(powers));  // of zero it is −∞
      line[Index(middle + std::lround(2 * power))] = curve.mark;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += fmt::format("  {:10}  {}\n", t, line);
  }
  return text;
}

std::string norms_csv(const std::vector<GradientNorms>& curves) {
  std::string text = "t";
  for (const GradientNorms& curve : curves) text += "," + curve.name;
  for (Index t = 0; t < curves[0].at.size(); ++t) {
    text += fmt::format("\n{}", t);
    for (const GradientNorms& curve : curves) text += fmt::format(",{}", curve.at[t]);
  }
  return text + "\n";
}

void print_norms(const std::string& heading, const std::vector<GradientNorms>& curves) {
  std::cout << '\n' << heading << '\n' << table(curves) << '\n' << plot(curves);
}

}  // namespace rnn
