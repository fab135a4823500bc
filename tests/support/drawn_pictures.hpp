#pragma once
// Pictures of drawn digits with whatever cameras, paper and people add to them.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
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

/// The same random numbers with every library: the engine is the standard's, what is made of its numbers is not.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : engine_(seed) {}
  double uniform() { return double(engine_()) / 4294967296.0; }
  double normal() {
    double sum = -6;
    for (int k = 0; k < 12; ++k) sum += uniform();
    return sum;
  }

 private:
  std::mt19937 engine_;
};

inline Canvas drawn_digit(Index which) {
  const Dataset digits = draw_digits(1, 1, which, 1);
  Canvas ink{28 * scale, 28 * scale, std::vector<double>(std::size_t(28 * scale * 28 * scale))};
  for (int i = 0; i < ink.rows; ++i) {
    for (int j = 0; j < ink.columns; ++j) {
      ink(i, j) = digits.images.pixels[std::size_t(i / scale * 28 + j / scale)] / 255.0;
    }
  }
  return ink;
}

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

inline Canvas dyed(const Canvas& ink, double paper, double full) {
  return changed(ink, [&](double here, int, int) { return paper + (full - paper) * here; });
}
inline Canvas noisy(const Canvas& canvas, double sigma, Dice& dice) {
  return changed(canvas, [&](double here, int, int) { return here + sigma * dice.normal(); });
}
/// A part of the pixels black or white.
inline Canvas dusty(const Canvas& canvas, double part, Dice& dice) {
  return changed(canvas, [&](double here, int, int) {
    const double fate = dice.uniform() / part;
    return fate < 0.5 ? 0 : fate < 1 ? 255 : here;
  });
}
inline Canvas lit(const Canvas& canvas, double (*light)(double x, double y)) {
  return changed(canvas, [&](double here, int i, int j) {
    return here * light(double(j) / canvas.columns, double(i) / canvas.rows);
  });
}
/// Dark squares of these sizes in a column on the left.
inline Canvas specked(Canvas canvas, std::initializer_list<int> sizes) {
  int top = 6;
  for (const int size : sizes) {
    for (int i = top; i < top + size; ++i) {
      for (int j = 6; j < 6 + size; ++j) canvas(i, j) = 20;
    }
    top += 45;
  }
  return canvas;
}
/// A frame of this width, level and distance from the edge, at the sides that are named: t, b, l, r.
inline Canvas framed(const Canvas& canvas, int width, double level, int inset, const std::string& sides) {
  return changed(canvas, [&](double here, int i, int j) {
    const int bottom = canvas.rows - 1 - i, right = canvas.columns - 1 - j;
    if (std::min(std::min(i, j), std::min(bottom, right)) < inset) return here;
    const auto covers = [&](char side, int distance) {
      return sides.find(side) != std::string::npos && distance < inset + width;
    };
    return covers('t', i) || covers('b', bottom) || covers('l', j) || covers('r', right) ? level : here;
  });
}
/// Lines of this distance, width, slope and level, with those at right angles or without.
inline Canvas ruled(const Canvas& canvas, int step, int width, double slope, double level, bool both) {
  return changed(canvas, [&](double here, int i, int j) {
    const auto is_line = [&](double place) { return std::fmod(place + 1000 * step + 5, step) < width; };
    return is_line(i + slope * j) || (both && is_line(j - slope * i)) ? std::min(here, level) : here;
  });
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

/// How far two images are from one another, on average over the ink of the first.
inline double difference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  double sum = 0, ink = 0;
  for (std::size_t p = 0; p < a.size(); ++p) {
    sum += std::abs(double(a[p]) - double(b[p]));
    ink += a[p];
  }
  return sum / ink;
}

}  // namespace rnn::testing
