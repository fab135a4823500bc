#pragma once
// Numbers for each pixel, and what can be done with any of them: moved, cut, shrunk, blurred, made into a picture.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <numeric>
#include <vector>

import rnn.data.digits;
import rnn.data.images;
import rnn.data.picture;
import rnn.linalg.matrix;

namespace rnn::testing {

constexpr int scale = 8;  // pixels of a picture for each of an image

/// A number for each pixel: ink from 0 to 1, or brightness from 0 to 255.
struct Canvas {
  int rows = 0, columns = 0;
  std::vector<double> values;
  double& operator()(int i, int j) { return values[std::size_t(i) * std::size_t(columns) + std::size_t(j)]; }
  double operator()(int i, int j) const { return values[std::size_t(i) * std::size_t(columns) + std::size_t(j)]; }
};

/// The ink of an image like those of MNIST, each pixel a square of `scale`.
inline Canvas ink_of(const Images& images, Index which) {
  const auto pixels = pixels_of(images, which);
  Canvas ink{28 * scale, 28 * scale, std::vector<double>(std::size_t(28 * scale * 28 * scale))};
  for (int i = 0; i < ink.rows; ++i) {
    for (int j = 0; j < ink.columns; ++j) ink(i, j) = pixels[std::size_t(i / scale * 28 + j / scale)] / 255.0;
  }
  return ink;
}
inline Canvas drawn_digit(Index which) { return ink_of(draw_digits(1, 1, which, 1).images, 0); }

/// Gray, gray and opacity, or red, green and blue, and opacity.
inline Picture to_picture(std::initializer_list<const Canvas*> channels) {
  const Canvas& first = **channels.begin();
  Picture picture{Index(first.rows), Index(first.columns), {}, channels.size()};
  const bool is_ink = channels.size() == 1 && *std::ranges::max_element(first.values) <= 1;
  for (std::size_t p = 0; p < first.values.size(); ++p) {
    for (const Canvas* channel : channels) {
      const double value = is_ink ? 255 - 255 * channel->values[p] : channel->values[p];
      picture.values.push_back(std::uint8_t(std::lround(std::clamp(value, 0.0, 255.0))));
    }
  }
  return picture;
}

template <class Change>
Canvas changed(Canvas canvas, Change change) {
  for (int i = 0; i < canvas.rows; ++i) {
    for (int j = 0; j < canvas.columns; ++j) canvas(i, j) = change(canvas(i, j), i, j);
  }
  return canvas;
}

/// The canvas at a place of a larger one.
inline Canvas placed(const Canvas& canvas, int rows, int columns, int top, int left, double around = 0) {
  Canvas result{rows, columns, std::vector<double>(std::size_t(rows) * std::size_t(columns), around)};
  for (int i = 0; i < canvas.rows; ++i) {
    for (int j = 0; j < canvas.columns; ++j) result(top + i, left + j) = canvas(i, j);
  }
  return result;
}
/// Ink without gray, whose strokes reach `radius` pixels further on both sides, or less far.
inline Canvas widened(const Canvas& ink, int radius) {
  return changed(ink, [&](double, int i, int j) {
    bool found = false;  // ink, or paper where strokes become thinner
    for (int y = std::max(0, i - std::abs(radius)); y <= std::min(ink.rows - 1, i + std::abs(radius)); ++y) {
      for (int x = std::max(0, j - std::abs(radius)); x <= std::min(ink.columns - 1, j + std::abs(radius)); ++x) {
        const bool near = (y - i) * (y - i) + (x - j) * (x - j) <= radius * radius;
        found = found || (near && (ink(y, x) >= 0.5) == (radius >= 0));
      }
    }
    return found == (radius >= 0) ? 1.0 : 0.0;
  });
}
/// What is within the box of the ink.
inline Canvas trimmed(const Canvas& ink) {
  int top = ink.rows, bottom = 0, left = ink.columns, right = 0;
  for (int i = 0; i < ink.rows; ++i) {
    for (int j = 0; j < ink.columns; ++j) {
      if (ink(i, j) > 0)
        top = std::min(top, i), bottom = i + 1, left = std::min(left, j), right = std::max(right, j + 1);
    }
  }
  Canvas result{bottom - top, right - left, {}};
  for (int i = top; i < bottom; ++i) {
    for (int j = left; j < right; ++j) result.values.push_back(ink(i, j));
  }
  return result;
}
/// This many pixels of paper around the ink.
inline Canvas margin(const Canvas& ink, int width) {
  return placed(ink, ink.rows + 2 * width, ink.columns + 2 * width, width, width);
}
/// Each pixel the mean of factor × factor.
inline Canvas shrunk(const Canvas& canvas, int factor) {
  const Canvas result{canvas.rows / factor, canvas.columns / factor, {}};
  Canvas sums{result.rows, result.columns, std::vector<double>(canvas.values.size())};
  for (int i = 0; i < result.rows * factor; ++i) {
    for (int j = 0; j < result.columns * factor; ++j) {
      sums(i / factor, j / factor) += canvas(i, j) / (factor * factor);
    }
  }
  return sums;
}
/// The mean over squares, twice.
inline Canvas blurred(const Canvas& canvas, int radius) {
  Canvas result = canvas;
  for (int turn = 0; turn < 2; ++turn) {
    const Canvas before = result;
    result = changed(before, [&](double, int i, int j) {
      double sum = 0, count = 0;
      for (int y = std::max(0, i - radius); y <= std::min(canvas.rows - 1, i + radius); ++y) {
        for (int x = std::max(0, j - radius); x <= std::min(canvas.columns - 1, j + radius); ++x) {
          sum += before(y, x), count += 1;
        }
      }
      return sum / count;
    });
  }
  return result;
}

/// How far two images are from one another, on average over the ink of the first, where the second may be moved by a
/// pixel: the center of mass is rounded to one, and may be on the brink.
inline double difference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  const auto at = [](const std::vector<std::uint8_t>& image, int i, int j) {
    return i < 0 || j < 0 || i >= 28 || j >= 28 ? 0.0 : double(image[std::size_t(i * 28 + j)]);
  };
  const double ink = std::accumulate(a.begin(), a.end(), 0.0);
  double least = 1e9;
  for (int shift = 0; shift < 9; ++shift) {
    double sum = 0;
    for (int i = 0; i < 28; ++i) {
      for (int j = 0; j < 28; ++j) sum += std::abs(at(a, i, j) - at(b, i + shift / 3 - 1, j + shift % 3 - 1));
    }
    least = std::min(least, sum / ink);
  }
  return least;
}

}  // namespace rnn::testing
