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
#include <vector>

module rnn.data.handwriting;

namespace rnn {

namespace {

boost::random::mt19937 engine_of(std::uint32_t seed, std::uint64_t number) {
  const std::initializer_list<std::uint32_t> words = {seed, std::uint32_t(number), std::uint32_t(number >> 32)};
  boost::random::seed_seq mixed(words);
  return boost::random::mt19937(mixed);
}

std::vector<Path> write(std::size_t number, Dice& dice) {
  constexpr Strokes (*skeletons[])(Dice&) = {zero, one, two, three, four, five, six, seven, eight, nine};
  return handwriting(skeletons[number % 10](dice), dice);
}

}  // namespace

Dice::Dice(std::uint32_t seed, std::size_t number) : engine_(engine_of(seed, number)) {}

float Dice::uniform(float low, float high) {
  return boost::random::uniform_real_distribution<float>(low, high)(engine_);
}

float Dice::normal(float mean, float deviation) {
  return boost::random::normal_distribution<float>(mean, deviation)(engine_);
}

int Dice::pick(std::initializer_list<int> weights) {
  float left = uniform(0, float(std::accumulate(weights.begin(), weights.end(), 0)));  // less than the sum
  const int* weight = weights.begin();
  while ((left -= float(*weight)) >= 0) ++weight;
  return int(weight - weights.begin());
}

std::vector<Path> write_digit(std::size_t number, std::uint32_t seed) {
  Dice dice(seed, number);
  return write(number, dice);
}

void draw_digit(std::size_t number, std::uint32_t seed, std::span<std::uint8_t, 28 * 28> pixels) {
  Dice dice(seed, number);
  const std::vector<Path> paths = write(number, dice);
  render(paths, dice, pixels);
}

}  // namespace rnn
