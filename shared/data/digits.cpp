module;
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

module rnn.data.digits;

import rnn.base.thread_pool;
import rnn.data.handwriting;

namespace rnn {

static constexpr Index side = 28;

Dataset draw_digits(Index count, std::uint32_t seed, Index first, unsigned threads) {
  Dataset digits{{count, side, side, std::vector<std::uint8_t>(count * side * side)}, std::vector<std::uint8_t>(count)};
  for (Index i = 0; i < count; ++i) digits.labels[i] = std::uint8_t((first + i) % 10);

  // Every digit has its own dice and its own memory, so the threads share nothing.
  const auto draw_one = [&](std::size_t i, unsigned) {
    draw_digit(first + i, seed, std::span(digits.images.pixels).subspan(i * side * side).first<side * side>());
  };
  ThreadPool(threads == 0 ? available_cores() : threads).run(count, draw_one);
  return digits;
}

// The series begins with the validation set, continues with the training set, and ends with the test set.
constexpr Index testing = 10000;

Splits draw_splits(std::uint32_t seed, Index validation_size) {
  if (validation_size >= training_digits)
    throw std::invalid_argument("draw_splits: validation_size must be under 60000, got " +
                                std::to_string(validation_size));
  return {draw_digits(training_digits - validation_size, seed, validation_size), draw_digits(validation_size, seed),
          draw_test_digits(seed), "built-in digits"};
}

Dataset draw_test_digits(std::uint32_t seed) { return draw_digits(testing, seed, training_digits); }

void add_training_digits(Dataset& data, std::uint32_t seed) {
  if (data.images.rows != side || data.images.columns != side) {
    throw std::invalid_argument("add_training_digits: expected images of 28 x 28 pixels, got " +
                                std::to_string(data.images.rows) + " x " + std::to_string(data.images.columns));
  }
  const Dataset digits = draw_digits(training_digits, seed);
  data.images.count += digits.images.count;
  data.images.pixels.insert(data.images.pixels.end(), digits.images.pixels.begin(), digits.images.pixels.end());
  data.labels.insert(data.labels.end(), digits.labels.begin(), digits.labels.end());
}

}  // namespace rnn
