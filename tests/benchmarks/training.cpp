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

// Of one image: 28 steps of 28 inputs and 100 neurons, then 10 logits. Forward every product of the two is a
// multiplication and an addition, the one with the first state (zero) left out; backward there are as many for the
// weights' gradients, and again for the states' gradients, but none for the pixels.
constexpr double forward_operations = 2.0 * (28 * 28 * 100 + 27 * 100 * 100 + 100 * 10);
constexpr double training_operations = 2 * forward_operations + 2.0 * (27 * 100 * 100 + 100 * 10);
static_assert(forward_operations == 698'800 && training_operations == 1'939'600);

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

static void add_lines(const std::string& prefix, const Dataset& (*data)(), unsigned threads) {
  for (const Index batch : {1000, 150}) {
    measure({.name = prefix + "training: batch " + std::to_string(batch),
             .operations = training_operations * double(data().size()),
             .threads = threads,
             .prepare = [=]() -> std::function<void()> {
               const auto learner = std::make_shared<Learner>(batch, threads);
               return [=] { learner->trainer.train_epoch(data(), learner->epoch++); };
             }});
  }
  measure({.name = prefix + "evaluation",
           .operations = forward_operations * double(data().size()),
           .threads = threads,
           .prepare = [=]() -> std::function<void()> {
             const auto learner = std::make_shared<Learner>(1000, threads);
             return [=] { learner->trainer.accuracy(data()); };
           }});
}

void add_training() {
  for (const unsigned threads : {1u, available_cores()}) {
    add_lines("", inked, threads);
    add_lines("digits, ", digits, threads);
    if (available_cores() == 1) break;
  }
}

}  // namespace rnn::bench
