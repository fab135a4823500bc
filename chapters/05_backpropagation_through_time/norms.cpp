#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "norms.hpp"

import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;
import rnn.training.clipping;

namespace rnn {

Norms norms_through_time(const std::string& name, char mark, ConstView w_y, ConstView sums, Activation f) {
  const Index steps = sums.rows, n = w_y.rows;
  Norms norms{.name = name, .mark = mark, .at = std::vector<Real>(steps + 1), .mean_state = 0};

  // Forward: h_t+1 = f(sums_t + h_t·W_y), h_0 = 0.
  Matrix h(steps + 1, n, Real(0));  // row t is h_t
  for (Index t = 0; t < steps; ++t) {
    const View next = View(h).rows_from(t + 1, 1);  // (1 × n)
    copy(sums.rows_from(t, 1), next);
    add_product(View(h).rows_from(t, 1), w_y, next);  // + (1 × n)·(n × n)
    apply(f, next, next);
    for (Index j = 0; j < n; ++j) norms.mean_state += std::abs(next(0, j)) / Real(steps * n);
  }

  // Back: ∂h_T/∂h_t−1 = W_y·diag(f′)·∂h_T/∂h_t, all (n × n). Once more times W_y, once more times f′ for each step, and
  // f′ = 1 − h_t² of tanh is never more than 1.
  Matrix back(n, n, Real(0));
  for (Index i = 0; i < n; ++i) back(i, i) = 1;  // ∂h_T/∂h_T
  for (Index t = steps; t > 0; --t) {
    norms.at[t] = global_norm(back) / std::sqrt(Real(n));
    for (Index i = 0; i < n && f == Activation::tanh; ++i) {
      scale(1 - h(t, i) * h(t, i), View(back).rows_from(i, 1));
    }
    back = product(w_y, back);
  }
  norms.at[0] = global_norm(back) / std::sqrt(Real(n));
  return norms;
}

static std::vector<Index> shown_steps(Index steps) {
  std::vector<Index> shown;
  const Index every = std::max<Index>(1, steps / 10);
  for (Index back = 0; back <= steps; back += every) shown.push_back(steps - back);
  return shown;
}

std::string table(const std::vector<Norms>& curves) {
  std::string text = "           t";
  for (const Norms& curve : curves) text += fmt::format("  {:>15}", curve.name);
  for (const Index t : shown_steps(curves[0].at.size() - 1)) {
    text += fmt::format("\n  {:10}", t);
    for (const Norms& curve : curves) text += fmt::format("  {:15.3e}", curve.at[t]);
  }
  text += "\n  mean |h_t|";
  for (const Norms& curve : curves) text += fmt::format("  {:15.3}", curve.mean_state);
  return text + "\n";
}

std::string plot(const std::vector<Norms>& curves) {
  constexpr int powers = 16;  // of ten, to either side of the middle
  constexpr int middle = 2 * powers;
  const std::string left = fmt::format("1e-{}", powers), right = fmt::format("1e+{}", powers);
  std::string text = fmt::format("           t  {}{:^{}}{}\n", left, "1", 2 * middle + 1 - 10, right);
  for (const Index t : shown_steps(curves[0].at.size() - 1)) {
    std::string line(2 * middle + 1, ' ');
    line[middle] = '|';
    for (const Norms& curve : curves) {
      const Real power = std::clamp(std::log10(curve.at[t]), Real(-powers), Real(powers));  // of zero it is −∞
      line[Index(middle + std::lround(2 * power))] = curve.mark;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += fmt::format("  {:10}  {}\n", t, line);
  }
  return text;
}

std::string csv(const std::vector<Norms>& curves) {
  std::string text = "t";
  for (const Norms& curve : curves) text += "," + curve.name;
  for (Index t = 0; t < curves[0].at.size(); ++t) {
    text += fmt::format("\n{}", t);
    for (const Norms& curve : curves) text += fmt::format(",{}", curve.at[t]);
  }
  return text + "\n";
}

}  // namespace rnn
