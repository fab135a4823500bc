module;
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>

module rnn.data.images;

import rnn.base.ranks;
import rnn.linalg.matrix;

namespace rnn {

bool can_be_cut(const Images& images, const ImageSteps& how) {
  return how.shrink != 0 && images.rows % how.shrink == 0 && images.columns % how.shrink == 0;
}

SequenceSize sequence_size(const Images& images, const ImageSteps& how) {
  const Index k = how.shrink;
  if (!can_be_cut(images, how)) {
    throw std::invalid_argument(
        fmt::format("sequence_size: shrink must divide images of {} × {}, got {}", images.rows, images.columns, k));
  }
  const Index rows = images.rows / k, columns = images.columns / k;
  return how.pixels ? SequenceSize{rows * columns, 1} : SequenceSize{rows, columns};
}

// FNV-1a, eight bytes at a time.
static std::uint64_t fingerprint(std::span<const std::uint8_t> bytes, std::uint64_t hash) {
  constexpr std::uint64_t prime = 1099511628211u;
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, std::min<std::size_t>(8, bytes.size() - i));
    hash = (hash ^ word) * prime;
  }
  return (hash ^ bytes.size()) * prime;
}

std::string fingerprint(const Dataset& data) {
  const std::uint64_t pixels = fingerprint(data.images.pixels, 14695981039346656037u);
  return fmt::format("{:016x}", fingerprint(data.labels, pixels));
}

static void share(Dataset& data) {
  Images& images = data.images;
  for (Index* number : {&images.count, &images.rows, &images.columns}) share(*number);
  share(images.pixels);
  share(data.labels);
}

void share(Splits& data) {
  for (Dataset* part : {&data.train, &data.validation, &data.test}) share(*part);
  share(data.source);
}

Dataset take_first(Dataset& from, Index count) {
  if (count > from.size())
    throw std::invalid_argument(fmt::format("take_first: count must be at most {}, got {}", from.size(), count));
  Images& images = from.images;
  const auto pixels_end = images.pixels.begin() + std::ptrdiff_t(count * images.rows * images.columns);
  const auto labels_end = from.labels.begin() + std::ptrdiff_t(count);
  Dataset first{{count, images.rows, images.columns, {images.pixels.begin(), pixels_end}},
                {from.labels.begin(), labels_end}};
  // Moved up in place: a copy of what is left would take the memory of the training set once more.
  images.pixels.erase(images.pixels.begin(), pixels_end);
  from.labels.erase(from.labels.begin(), labels_end);
  images.count -= count;
  return first;
}

}  // namespace rnn
