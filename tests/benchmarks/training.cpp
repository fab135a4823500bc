// Whole training steps of chapter 06, and its evaluation, through the same trainer, on digits that are drawn here.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "work.hpp"
// Imports something, so it comes last.
#include "learner.hpp"

import rnn.base.thread_pool;
import rnn.data.digits;
import rnn.data.images;
import rnn.linalg.matrix;

namespace rnn::bench {

// Operations of one image: 28 steps of 28 inputs and 100 neurons, then 10 logits. Forward every product of the two is a
// multiplication and an addition, the one with the first state (zero) left out; backward there are as many for the
// weights' gradients, and again for the states' gradients, but none for the pixels. A gated cell has several times the
// columns; its gates are not counted.
struct Operations {
  double forward, training;
};
static constexpr Operations operations(int gates) {
  const double forward = 2.0 * (gates * (28 * 28 * 100 + 27 * 100 * 100) + 100 * 10);
  return {forward, 2 * forward + 2.0 * (gates * 27 * 100 * 100 + 100 * 10)};
}
static_assert(operations(1).forward == 698'800 && operations(1).training == 1'939'600);

static const Dataset& digits() {
  static const Dataset drawn = draw_digits(only_once() ? 1000 : 6000, 1);
  return drawn;
}

// The same with ink everywhere: products with pixels that are zero are left out, and shares of the limit should count
// what was computed.
static const Dataset& inked() {
  static const Dataset without_zeros = [] {
    Dataset data = digits();
    for (std::uint8_t& pixel : data.images.pixels) pixel = std::max<std::uint8_t>(pixel, 1);
    return data;
  }();
  return without_zeros;
}

struct Lines {
  std::string prefix;
  const Dataset& (*data)();
  const char* cell = "rnn";
  int gates = 1;
};

static void add_lines(const Lines& lines, unsigned threads) {
  const auto& [prefix, data, cell, gates] = lines;
  for (const Index batch : {1000, 150}) {
    measure({.name = prefix + "training: batch " + std::to_string(batch),
             .operations = operations(gates).training * double(data().size()),
             .threads = threads,
             .prepare = [=, data = data, cell = cell]() -> std::function<void()> {
               const auto learner = std::make_shared<Learner>(data(), batch, threads, cell);
               return [=] { learner->train(); };
             }});
  }
  measure({.name = prefix + "evaluation",
           .operations = operations(gates).forward * double(data().size()),
           .threads = threads,
           .prepare = [=, data = data, cell = cell]() -> std::function<void()> {
             const auto learner = std::make_shared<Learner>(data(), 1000, threads, cell);
             return [=] { learner->evaluate(data()); };
           }});
}

void add_training() {
  for (const unsigned threads : {1u, available_cores()}) {
    add_lines({"", inked}, threads);
    add_lines({"digits, ", digits}, threads);
    add_lines({"gru, ", inked, "gru", 3}, threads);
    add_lines({"lstm, ", inked, "lstm", 4}, threads);
    if (available_cores() == 1) break;
  }
}

}  // namespace rnn::bench
