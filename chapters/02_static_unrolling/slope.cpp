module;
#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <iostream>

// 02_static_unrolling slope: what a gradient is, with one neuron, three time steps and plain numbers.
module static_unrolling.commands;

import rnn.console.options;

using namespace rnn;

namespace static_unrolling {

// The neuron hears 1, then nothing for two steps, and its last output should be 0.5.
static constexpr double x0 = 1, x1 = 0, x2 = 0, target = 0.5;

struct Forward {
  double h0, h1, h2, loss;
};

static Forward forward(double w) {
  const double h0 = std::tanh(x0 + 0 * w);  // there is no earlier output
  const double h1 = std::tanh(x1 + h0 * w);
  const double h2 = std::tanh(x2 + h1 * w);
  const double miss = h2 - target;
  return {h0, h1, h2, miss * miss};
}

struct Backward {
  double dh2, da2, dh1, da1, dh0, da0;  // the slope of the loss with respect to h2, a2, …
  double from2, from1, from0;           // what each step's use of w contributes
  double dw;
};

// Write a for what is inside of tanh: h2 = tanh(a2), a2 = x2 + h1·w, and so on.
static Backward backward(double w, const Forward& f) {
  Backward b;
  b.dh2 = 2 * (f.h2 - target);        // loss = (h2 − target)²
  b.da2 = b.dh2 * (1 - f.h2 * f.h2);  // tanh′ = 1 − tanh²
  b.from2 = b.da2 * f.h1;             // a2 = x2 + h1·w: w was multiplied by h1 …
  b.dh1 = b.da2 * w;                  // … and h1 by w
  b.da1 = b.dh1 * (1 - f.h1 * f.h1);
  b.from1 = b.da1 * f.h0;
  b.dh0 = b.da1 * w;
  b.da0 = b.dh0 * (1 - f.h0 * f.h0);
  b.from0 = b.da0 * 0;                 // there is no earlier output
  b.dw = b.from2 + b.from1 + b.from0;  // the same w, used three times
  return b;
}

static void print_forward(double w) {
  const Forward f = forward(w);
  std::cout << fmt::format("  {:6.3f}  {:7.4f}  {:7.4f}  {:7.4f}  {:9.6f}\n", w, f.h0, f.h1, f.h2, f.loss);
}

static void print_backward(double w) {
  const Backward b = backward(w, forward(w));
  std::cout << "\nBackward, with the chain rule\n    step       dh       da  share of w's slope\n"
            << fmt::format("       2  {:7.4f}  {:7.4f}  {:18.6f}\n", b.dh2, b.da2, b.from2)
            << fmt::format("       1  {:7.4f}  {:7.4f}  {:18.6f}\n", b.dh1, b.da1, b.from1)
            << fmt::format("       0  {:7.4f}  {:7.4f}  {:18.6f}\n", b.dh0, b.da0, b.from0 + 0.0)
            << fmt::format("  slope by the chain rule: their sum = {:.6f}\n", b.dw);
}

static void print_downhill(double w, double rate, std::size_t updates) {
  std::cout << fmt::format("\nDownhill: w becomes w - {} * slope, again and again\n", rate)
            << "  update       w      slope       loss\n";
  for (std::size_t update = 0; update <= updates; ++update) {
    const Forward f = forward(w);
    const double dw = backward(w, f).dw;
    std::cout << fmt::format("  {:6}  {:6.3f}  {:9.6f}  {:9.6f}\n", update, w, dw, f.loss);
    w -= rate * dw;
  }
}

int slope(int argc, char** argv) {
  Options options(
      "02_static_unrolling slope",
      "The slope of a loss: measured by nudging a weight, then computed with the chain rule, then followed\n"
      "downhill. One neuron hears 1, 0, 0 and should end at 0.5: h = tanh(x + h_before * w).");
  options.group("The neuron");
  const auto w = options.real("weight", 0.5, {-10, 10}, "w, where to start");
  const auto nudge = options.real("nudge", 0.001, {1e-12, 1}, "how far w is moved to either side");
  options.group("Downhill");
  const auto rate = options.real("learning-rate", 0.5, {0, 1000}, "how far to follow the slope");
  const auto updates = options.integer("updates", 6, {0, 1000}, "how often");
  options.example("--weight 2", "starting on the other side of the valley");
  options.example("--nudge 0.5", "a nudge that is much too large");

  return options.run(argc, argv, [&] {
    const double left = *w - *nudge, right = *w + *nudge;
    std::cout << "Forward, and again with w nudged to either side\n       w       h0       h1       h2       loss\n";
    for (const double each : {*w, right, left}) print_forward(each);
    const double measured = (forward(right).loss - forward(left).loss) / (2 * *nudge);
    std::cout << fmt::format("  slope by nudging: difference of the last two losses / {} = {:.6f}\n", 2 * *nudge,
                             measured);
    print_backward(*w);
    print_downhill(*w, *rate, *updates);
    return 0;
  });
}

}  // namespace static_unrolling
