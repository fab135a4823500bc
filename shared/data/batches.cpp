module;
#include <fmt/format.h>

#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/seed_seq.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

module rnn.batches;

namespace rnn {

namespace {

void require_index(const char* operation, std::uint32_t index, Index count) {
  if (index >= count)
    throw std::invalid_argument(fmt::format("{}: which must be under {}, got {}", operation, count, index));
}

/// The bytes of one image.
std::span<const std::uint8_t> image(const Images& images, std::uint32_t index) {
  const Index size = images.rows * images.columns;
  return std::span(images.pixels).subspan(index * size, size);
}

/// Asks for memory that is soon to be read, so that the processor fetches it while it computes something else.
void ask_for(std::span<const std::uint8_t> bytes) {
  constexpr Index cache_line = 64;
  for (Index i = 0; i < bytes.size(); i += cache_line) __builtin_prefetch(&bytes[i]);
}

}  // namespace

void shuffle_order(std::span<std::uint32_t> order, std::uint32_t seed, std::uint32_t epoch) {
  const std::initializer_list<std::uint32_t> words = {seed, epoch};
  boost::random::seed_seq mixed(words);
  boost::random::mt19937 engine(mixed);

  // Fisher and Yates: each place, from the last, gets one of those that are left. The standard's own shuffle would
  // give other orders with other libraries.
  std::iota(order.begin(), order.end(), std::uint32_t(0));
  for (Index left = order.size(); left > 1; --left) {
    boost::random::uniform_int_distribution<Index> one_of_those_left(0, left - 1);
    std::swap(order[left - 1], order[one_of_those_left(engine)]);
  }
}

std::vector<std::uint32_t> shuffled_order(Index count, std::uint32_t seed, std::uint32_t epoch) {
  if (count > std::numeric_limits<std::uint32_t>::max())
    throw std::invalid_argument(fmt::format("shuffled_order: count must fit in 32 bits, got {}", count));
  std::vector<std::uint32_t> order(count);
  shuffle_order(order, seed, epoch);
  return order;
}

void gather_rows_as_steps(const Images& images, std::span<const std::uint32_t> which, View out) {
  const Index n = which.size();
  require_shape("gather_rows_as_steps", "out", out, images.rows * n, images.columns);
  if (out.column_stride != 1)
    throw std::invalid_argument(
        fmt::format("gather_rows_as_steps: column_stride of out must be 1, got {}", out.column_stride));

  for (const std::uint32_t index : which) require_index("gather_rows_as_steps", index, images.count);

  // A shuffled batch jumps about in memory, and to wait for each image would take longer than to convert it.
  constexpr Index ahead = 8;
  for (Index i = 0; i < std::min(ahead, n); ++i) ask_for(image(images, which[i]));

  constexpr Real scale = Real(1) / 255;  // a product: division would cost several times as much
  for (Index i = 0; i < n; ++i) {
    if (i + ahead < n) ask_for(image(images, which[i + ahead]));
    const std::uint8_t* pixels = image(images, which[i]).data();
    for (Index t = 0; t < images.rows; ++t, pixels += images.columns) {
      Real* step = out.data + (t * n + i) * out.row_stride;
      for (Index j = 0; j < images.columns; ++j) step[j] = Real(pixels[j]) * scale;
    }
  }
}

void gather_labels(std::span<const std::uint8_t> labels, std::span<const std::uint32_t> which,
                   std::span<std::uint8_t> out) {
  if (out.size() != which.size())
    throw std::invalid_argument(
        fmt::format("gather_labels: out must hold {} labels, got {}", which.size(), out.size()));
  for (Index i = 0; i < which.size(); ++i) {
    require_index("gather_labels", which[i], labels.size());
    out[i] = labels[which[i]];
  }
}

}  // namespace rnn
