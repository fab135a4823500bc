// Whole training steps of chapter 06, and its evaluation, through the same trainer, on digits that are drawn here.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "work.hpp"
// Imports something, so it comes last.
#include "learner.hpp"

import rnn.base.thread_pool;
import rnn.data.digits;
import rnn.data.images;
import rnn.linalg.matrix;

namespace rnn::bench {

// Operations of one image: T steps of 28·28/T inputs and 100 neurons, then 10 logits. Forward every product of the two
// is a multiplication and an addition, the one with the first state (zero) left out; backward there are as many for the
// weights' gradients, and again for the states' gradients, but none for the pixels. A gated cell has several times the
// columns; what its gates compute element by element is not counted.
struct Operations {
  double forward, training;
};
static constexpr Operations operations(int gates, int steps) {
  const double recurrent = gates * (steps - 1) * 100. * 100, dense = 100 * 10;
  const double forward = 2 * (gates * 28. * 28 * 100 + recurrent + dense);
  return {forward, 2 * forward + 2 * (recurrent + dense)};
}
static_assert(operations(1, 28).forward == 698'800 && operations(1, 28).training == 1'939'600);

static Index digit_count() { return only_once() ? 1000 : 6000; }
static const Dataset& digits() {
  static const Dataset drawn = draw_digits(digit_count(), 1);
  return drawn;
}
static const Dataset& inked() {
  static const Dataset without_zeros = with_ink(digits());
  return without_zeros;
}

// A tenth of them, a pixel at each step.
static const Dataset& pixels() {
  static const Dataset of_one_column = [] {
    Dataset data = inked();
    return in_steps(take_first(data, digit_count() / 10), 28 * 28);
  }();
  return of_one_column;
}

struct Lines {
  std::string prefix;
  const Dataset& (*data)();
  const char* cell = "rnn";
  int gates = 1;
  int steps = 28;
  std::vector<Index> batches = {1000, 150};
};

static void add_lines(const Lines& lines, unsigned threads) {
  const auto& [prefix, data, cell, gates, steps, batches] = lines;
  const double images = double(steps == 28 ? digit_count() : digit_count() / 10);
  for (const Index batch : batches) {
    measure({.name = prefix + "training: batch " + std::to_string(batch),
             .operations = operations(gates, steps).training * images,
             .threads = threads,
             .prepare = [=, data = data, cell = cell]() -> std::function<void()> {
               const auto learner = std::make_shared<Learner>(data(), batch, threads, cell);
               return [=] { learner->train(); };
             }});
  }
  measure({.name = prefix + "evaluation",
           .operations = operations(gates, steps).forward * images,
           .threads = threads,
           .prepare = [=, data = data, cell = cell, batch = batches[0]]() -> std::function<void()> {
             const auto learner = std::make_shared<Learner>(data(), batch, threads, cell);
             return [=] { learner->evaluate(data()); };
           }});
}

void add_training() {
  for (const unsigned threads : {1u, available_cores()}) {
    add_lines({"", inked}, threads);
    add_lines({"digits, ", digits}, threads);
    add_lines({"gru, ", inked, "gru", 3}, threads);
    add_lines({"lstm, ", inked, "lstm", 4}, threads);
    if (!only_once()) {
      add_lines({"784 steps, ", pixels, "rnn", 1, 784, {100}}, threads);
      add_lines({"gru, 784 steps, ", pixels, "gru", 3, 784, {100}}, threads);
      add_lines({"lstm, 784 steps, ", pixels, "lstm", 4, 784, {100}}, threads);
    }
    if (available_cores() == 1) break;
  }
}

}  // namespace rnn::bench
