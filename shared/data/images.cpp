module;
#include <fmt/format.h>

#include <cstddef>
#include <stdexcept>

module rnn.data.images;

import rnn.linalg.matrix;

namespace rnn {

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
