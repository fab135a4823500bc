module;
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <string>
#include <vector>

module backpropagation.tables;

import backpropagation.network;
import backpropagation.training;
import rnn.autodiff.gradient_check;
import rnn.cases.recorded_case;
import rnn.linalg.matrix;

using namespace rnn;

namespace backpropagation {

static std::string numbers(const Matrix& a, Index row) {
  std::string text;
  for (Index j = 0; j < a.size2(); ++j) text += fmt::format("{:12.8f}", a(row, j));
  return text;
}

void print_side_by_side(const Result& hand, const Result& tape) {
  Real largest = std::abs(hand.loss - tape.loss);
  std::cout << fmt::format("  {:36}    {}\n", "by hand", "from the tape")
            << fmt::format("  loss\n  {:12.8f}{:24}   |{:12.8f}\n", hand.loss, "", tape.loss);
  for (const auto& [name, a] : hand.gradients.all) {
    const Matrix& b = tape.gradients[name];
    std::cout << fmt::format("  d{} ({})\n", name, shape(a));
    for (Index i = 0; i < a.size1(); ++i) {
      std::cout << fmt::format("  {:36}   |{}\n", numbers(a, i), numbers(b, i));
      for (Index j = 0; j < a.size2(); ++j) largest = std::max(largest, std::abs(a(i, j) - b(i, j)));
    }
  }
  std::cout << fmt::format("  The largest difference between them: {:.0e}\n", largest);
}

void print_errors(const std::vector<GradientError>& errors, Real step) {
  std::cout << fmt::format("The tape's gradient a, and n = (loss(w + {0:g}) - loss(w - {0:g})) / {1:g}\n", step,
                           2 * step)
            << "  weights  shape  largest |a - n|  relative error      at             a             n\n";
  for (const GradientError& e : errors) {
    std::cout << fmt::format("  {:7}  {:>5}  {:15.1e}  {:14.1e}  ({}, {})  {:12.8f}  {:12.8f}\n", e.name,
                             shape(e.rows, e.columns), e.absolute, e.relative, e.row, e.column, e.analytic, e.numeric);
  }
}

void print_trainings(const std::vector<Step>& free, const std::vector<Step>& clipped, Real max_norm) {
  std::cout << fmt::format("                   not clipped           clipped at {:g}\n", max_norm)
            << "      update     loss     norm of g     loss     norm of g\n";
  const Index every = std::max<Index>(1, free.size() / 20);
  for (Index i = 0; i < free.size(); ++i) {
    if (i >= 5 && i % every != 0) continue;
    std::cout << fmt::format("  {:10}  {:7.4f}  {:12.5f}  {:7.4f}  {:12.5f}\n", i, free[i].loss, free[i].norm,
                             clipped[i].loss, clipped[i].norm);
  }
  const Real longest = std::ranges::max(free, {}, &Step::norm).norm;
  std::cout << fmt::format("Without clipping, the largest norm of a gradient was {:.3g}.\n", longest);
}

}  // namespace backpropagation
