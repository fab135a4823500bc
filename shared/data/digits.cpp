module;
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/seed_seq.hpp>
#include <boost/random/uniform_real_distribution.hpp>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <numeric>
#include <span>
#include <stdexcept>
#include <vector>

module rnn.data.digits;

import rnn.base.thread_pool;

namespace rnn {

namespace {

constexpr Index side = 28;

boost::random::mt19937 engine_of(std::uint32_t seed, Index number) {
  const std::initializer_list<std::uint32_t> words = {seed, std::uint32_t(number), std::uint32_t(number >> 32)};
  boost::random::seed_seq mixed(words);
  return boost::random::mt19937(mixed);
}

void draw(Index number, std::uint32_t seed, std::span<std::uint8_t> pixels) {
  constexpr Strokes (*skeletons[])(Dice&) = {zero, one, two, three, four, five, six, seven, eight, nine};
  Dice dice(seed, number);
  const Strokes skeleton = skeletons[number % 10](dice);
  const std::vector<Path> paths = handwriting(skeleton, dice);
  render(paths, dice, pixels);
}

}  // namespace

Dice::Dice(std::uint32_t seed, Index number) : engine_(engine_of(seed, number)) {}

float Dice::uniform(float low, float high) {
  return boost::random::uniform_real_distribution<float>(low, high)(engine_);
}

float Dice::normal(float mean, float deviation) {
  return boost::random::normal_distribution<float>(mean, deviation)(engine_);
}

int Dice::pick(std::initializer_list<int> weights) {
  float left = uniform(0, float(std::accumulate(weights.begin(), weights.end(), 0)));
  int i = 0;
  for (const int weight : weights) {
    left -= float(weight);
    if (left < 0) return i;
    ++i;
  }
  return i - 1;
}

Dataset draw_digits(Index count, std::uint32_t seed, Index first, unsigned threads) {
  Dataset digits{{count, side, side, std::vector<std::uint8_t>(count * side * side)}, std::vector<std::uint8_t>(count)};
  for (Index i = 0; i < count; ++i) digits.labels[i] = std::uint8_t((first + i) % 10);

  // Every digit has its own dice and its own memory, so the threads share nothing.
  const auto draw_one = [&](std::size_t i, unsigned) {
    draw(first + i, seed, std::span(digits.images.pixels).subspan(i * side * side, side * side));
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

}  // namespace rnn
