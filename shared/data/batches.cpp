module;
#include <fmt/format.h>

#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/seed_seq.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cstdint>
#include <initializer_list>
#include <numeric>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

module rnn.data.batches;

import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.simd;

namespace rnn {

namespace {

void require_index(const char* operation, std::uint32_t index, Index count) {
  if (index >= count)
    throw std::invalid_argument(fmt::format("{}: which must be under {}, got {}", operation, count, index));
}

// Bytes 0 … 255 become numbers 0 … 1, `lanes` of them at a time. The last group begins early enough to end with the
// row, and recomputes some numbers.
[[gnu::always_inline]] inline void convert_row(const std::uint8_t* from, Index count, Real* to) {
  using Bytes [[gnu::vector_size(simd::lanes)]] = std::uint8_t;
  constexpr Real scale = Real(1) / 255;  // a product: division would cost several times as much
  const auto group = [=](Index j) {
    simd::store(__builtin_convertvector(simd::load<Bytes>(from + j), simd::Vector) * scale, to + j);
  };
  if (count < simd::lanes) {
    for (Index j = 0; j < count; ++j) to[j] = Real(from[j]) * scale;
    return;
  }
  for (Index j = 0; j < count - simd::lanes; j += simd::lanes) group(j);
  group(count - simd::lanes);
}

/// Prefetches memory that will be read soon, so that the processor computes something else while it arrives.
void ask_for(std::span<const std::uint8_t> bytes) {
  constexpr Index cache_line = 64;
  for (Index i = 0; i < bytes.size(); i += cache_line) __builtin_prefetch(&bytes[i]);
}

struct Gather {
  const Images& images;
  std::span<const std::uint32_t> which;
  View out;

  template <InstructionSet>
  [[gnu::always_inline]] inline void operator()() const {
    // A shuffled batch jumps around in memory, and waiting for each image would take longer than converting it.
    constexpr Index ahead = 8;
    const Index n = which.size();
    for (Index i = 0; i < std::min(ahead, n); ++i) ask_for(pixels_of(images, which[i]));
    for (Index i = 0; i < n; ++i) {
      if (i + ahead < n) ask_for(pixels_of(images, which[i + ahead]));
      const std::uint8_t* pixels = pixels_of(images, which[i]).data();
      for (Index t = 0; t < images.rows; ++t, pixels += images.columns) {
        convert_row(pixels, images.columns, out.data + (t * n + i) * out.row_stride);
      }
    }
  }
};

/// Where the steps of one of n images stand.
struct Place {
  View out;  // (steps·n × features)
  Index i, n;
};

// The means of the blocks of one image; a block of one pixel is that pixel, with the same bits as in a row.
void gather_blocks(const Images& images, Index which, const ImageSteps& how, const Place& place) {
  const Index k = how.shrink, rows = images.rows / k, columns = images.columns / k;
  const Real scale = Real(1) / Real(255 * k * k);
  const std::uint8_t* pixels = pixels_of(images, which).data();
  for (Index block = 0; block < rows * columns; ++block) {
    const Index row = block / columns, column = block % columns;
    std::uint64_t sum = 0;
    for (Index y = row * k; y < row * k + k; ++y)
      for (Index x = column * k; x < column * k + k; ++x) sum += pixels[y * images.columns + x];
    const Index t = how.pixels ? block : row, feature = how.pixels ? 0 : column;
    place.out(t * place.n + place.i, feature) = Real(sum) * scale;
  }
}

}  // namespace

void shuffle_order(std::span<std::uint32_t> order, std::uint32_t seed, std::uint32_t epoch) {
  const std::initializer_list<std::uint32_t> words = {seed, epoch};
  boost::random::seed_seq mixed(words);
  boost::random::mt19937 engine(mixed);

  // Fisher and Yates: each place, from the last one down, gets one of those that are left. std::shuffle would give
  // different orders with different libraries.
  std::iota(order.begin(), order.end(), std::uint32_t(0));
  for (Index left = order.size(); left > 1; --left) {
    boost::random::uniform_int_distribution<Index> one_of_those_left(0, left - 1);
    std::swap(order[left - 1], order[one_of_those_left(engine)]);
  }
}

std::vector<std::uint32_t> shuffled_order(Index count, std::uint32_t seed, std::uint32_t epoch) {
  if (!std::in_range<std::uint32_t>(count))
    throw std::invalid_argument(fmt::format("shuffled_order: count must fit in 32 bits, got {}", count));
  std::vector<std::uint32_t> order(count);
  shuffle_order(order, seed, epoch);
  return order;
}

void gather_steps(const Images& images, std::span<const std::uint32_t> which, View out, const ImageSteps& how) {
  const auto [steps, features] = sequence_size(images, how);
  require_shape("gather_steps", "out", out, steps * which.size(), features);
  if (out.column_stride != 1)
    throw std::invalid_argument(fmt::format("gather_steps: column_stride of out must be 1, got {}", out.column_stride));

  for (const std::uint32_t index : which) require_index("gather_steps", index, images.count);

  if (how == ImageSteps{}) return simd::run(instruction_set(), Gather{images, which, out});
  for (Index i = 0; i < which.size(); ++i) gather_blocks(images, which[i], how, {out, i, which.size()});
}

void gather_labels(std::span<const std::uint8_t> labels, std::span<const std::uint32_t> which, std::span<Index> out) {
  if (out.size() != which.size())
    throw std::invalid_argument(
        fmt::format("gather_labels: out must hold {} labels, got {}", which.size(), out.size()));
  for (Index i = 0; i < which.size(); ++i) {
    require_index("gather_labels", which[i], labels.size());
    out[i] = labels[which[i]];
  }
}

}  // namespace rnn
