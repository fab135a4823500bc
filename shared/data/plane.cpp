module;
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

module rnn.data.plane;

namespace rnn {

Box unite(const Box& a, const Box& b) {
  return {std::min(a.top, b.top), std::max(a.bottom, b.bottom), std::min(a.left, b.left), std::max(a.right, b.right)};
}

Box intersect(const Box& a, const Box& b) {
  const Box box{std::max(a.top, b.top), std::min(a.bottom, b.bottom), std::max(a.left, b.left),
                std::min(a.right, b.right)};
  return box.height() > 0 && box.width() > 0 ? box : Box{};
}

Box grow(const Box& box, int margin, int rows, int columns) {
  return {std::max(0, box.top - margin), std::min(rows, box.bottom + margin), std::max(0, box.left - margin),
          std::min(columns, box.right + margin)};
}

Plane filled(int rows, int columns, float value) {
  return {rows, columns, std::vector<float>(std::size_t(rows) * std::size_t(columns), value)};
}

Plane shrink(const Plane& plane, int factor) {
  if (factor == 1) return plane;
  Plane result = filled((plane.rows + factor - 1) / factor, (plane.columns + factor - 1) / factor, 0);
  for (int i = 0; i < plane.rows; ++i) {
    for (int j = 0; j < plane.columns; ++j) result(i / factor, j / factor) += plane(i, j);
  }
  for (int i = 0; i < result.rows; ++i) {
    const int height = std::min(factor, plane.rows - i * factor);
    for (int j = 0; j < result.columns; ++j) {
      result(i, j) /= float(height * std::min(factor, plane.columns - j * factor));
    }
  }
  return result;
}

Plane enlarge(const Plane& plane, int factor, const Plane& like) {
  if (factor == 1) return plane;
  Plane result = filled(like.rows, like.columns, 0);
  for (int i = 0; i < result.rows; ++i) {
    const float y = std::clamp((float(i) + 0.5f) / float(factor) - 0.5f, 0.0f, float(plane.rows - 1));
    const int top = int(y), bottom = std::min(top + 1, plane.rows - 1);
    const float down = y - float(top);
    for (int j = 0; j < result.columns; ++j) {
      const float x = std::clamp((float(j) + 0.5f) / float(factor) - 0.5f, 0.0f, float(plane.columns - 1));
      const int left = int(x), right = std::min(left + 1, plane.columns - 1);
      const float over = x - float(left);
      result(i, j) = (1 - down) * ((1 - over) * plane(top, left) + over * plane(top, right)) +
                     down * ((1 - over) * plane(bottom, left) + over * plane(bottom, right));
    }
  }
  return result;
}

namespace {

/// Calls filter(in, out, length, stride) for each row and then for each column of what came out.
template <class Filter>
Plane by_rows_and_columns(const Plane& plane, Filter filter) {
  Plane half = plane, result = plane;
  const std::ptrdiff_t columns = plane.columns;
  for (int i = 0; i < plane.rows; ++i) {
    filter(plane.values.data() + i * columns, half.values.data() + i * columns, plane.columns, 1);
  }
  for (int j = 0; j < plane.columns; ++j) {
    filter(half.values.data() + j, result.values.data() + j, plane.rows, columns);
  }
  return result;
}

/// The best value, as `better` says, of each window of 2 · radius + 1 pixels. Blocks of the window's size are gone
/// through once forward and once backward; each window is the end of one block and the beginning of the next.
template <class Better>
Plane best_around(const Plane& plane, int radius, Better better) {
  std::vector<float> line, forward, backward;
  return by_rows_and_columns(plane, [&](const float* in, float* out, int length, std::ptrdiff_t stride) {
    const int window = 2 * radius + 1, padded = length + 2 * radius;
    line.resize(std::size_t(padded)), forward.resize(std::size_t(padded)), backward.resize(std::size_t(padded));
    // Beyond the ends the last pixel goes on, which changes no best value there.
    for (int k = 0; k < padded; ++k) line[std::size_t(k)] = in[std::clamp(k - radius, 0, length - 1) * stride];
    for (int k = 0; k < padded; ++k) {
      const auto here = std::size_t(k);
      forward[here] = k % window == 0 ? line[here] : better(forward[here - 1], line[here]);
    }
    for (int k = padded - 1; k >= 0; --k) {
      const auto here = std::size_t(k);
      const bool last = k == padded - 1 || (k + 1) % window == 0;
      backward[here] = last ? line[here] : better(backward[here + 1], line[here]);
    }
    for (int k = 0; k < length; ++k) {
      out[k * stride] = better(backward[std::size_t(k)], forward[std::size_t(k + 2 * radius)]);
    }
  });
}

}  // namespace

Plane box_mean(const Plane& plane, int radius) {
  if (radius == 0) return plane;
  std::vector<double> sums;
  return by_rows_and_columns(plane, [&](const float* in, float* out, int length, std::ptrdiff_t stride) {
    sums.assign(std::size_t(length) + 1, 0);
    for (int k = 0; k < length; ++k) sums[std::size_t(k) + 1] = sums[std::size_t(k)] + double(in[k * stride]);
    for (int k = 0; k < length; ++k) {
      const int begin = std::max(0, k - radius), end = std::min(length, k + radius + 1);
      out[k * stride] = float((sums[std::size_t(end)] - sums[std::size_t(begin)]) / (end - begin));
    }
  });
}

Plane median(const Plane& plane, int radius) {
  Plane result = plane;
  std::vector<float> window;
  for (int i = 0; i < plane.rows; ++i) {
    for (int j = 0; j < plane.columns; ++j) {
      window.clear();
      for (int y = std::max(0, i - radius); y <= std::min(plane.rows - 1, i + radius); ++y) {
        for (int x = std::max(0, j - radius); x <= std::min(plane.columns - 1, j + radius); ++x) {
          window.push_back(plane(y, x));
        }
      }
      const auto middle = window.begin() + std::ptrdiff_t(window.size() / 2);
      std::nth_element(window.begin(), middle, window.end());
      result(i, j) = *middle;
    }
  }
  return result;
}

Plane largest(const Plane& plane, int radius) {
  return best_around(plane, radius, [](float a, float b) { return std::max(a, b); });
}

Plane smallest(const Plane& plane, int radius) {
  return best_around(plane, radius, [](float a, float b) { return std::min(a, b); });
}

float quantile(std::vector<float> values, double part) {
  if (values.empty()) return 0;
  const auto place = values.begin() + std::ptrdiff_t(part * double(values.size() - 1));
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

float noise_of(const Plane& plane) {
  std::vector<float> answers;
  for (int i = 1; i + 1 < plane.rows; ++i) {
    for (int j = 1; j + 1 < plane.columns; ++j) {
      const float corners = plane(i - 1, j - 1) + plane(i - 1, j + 1) + plane(i + 1, j - 1) + plane(i + 1, j + 1);
      const float sides = plane(i - 1, j) + plane(i + 1, j) + plane(i, j - 1) + plane(i, j + 1);
      answers.push_back(std::abs(corners - 2 * sides + 4 * plane(i, j)));
    }
  }
  constexpr std::size_t enough = 200;  // of fewer pixels, most may be edges
  if (answers.size() < enough) return 0;
  // Of normal noise the mask's answer has a standard deviation of 6 σ, and half of it is within 0.6745 of that.
  return quantile(std::move(answers), 0.5) / (6 * 0.6745f);
}

}  // namespace rnn
