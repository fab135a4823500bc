module;
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

module rnn.data.ink;

namespace rnn {

namespace {

// Stroke widths for a digit that is 20 pixels long. In MNIST half of them lie between 2.1 and 2.8, and nearly all
// between these.
constexpr double side = 20, thinnest = 1.4, thickest = 4.0;

/// The distance from each pixel of the mask to the nearest one outside of it; beyond the plane's edges is outside.
Plane depth(const Mask& mask) {
  Plane result = distance_to(inverse(mask));
  for (int i = 0; i < mask.rows; ++i) {
    for (int j = 0; j < mask.columns; ++j) {
      const int to_edge = std::min(std::min(i + 1, mask.rows - i), std::min(j + 1, mask.columns - j));
      result(i, j) = std::min(result(i, j), float(to_edge));
    }
  }
  return result;
}

}  // namespace

float widest_place(const Mask& mask) { return 2 * std::ranges::max(depth(mask).values); }

// Across a stroke the depths rise from one half to half the width and fall again: their mean is a quarter of the width.
double stroke_width(const Digit& digit) {
  const Plane depths = depth(digit.mask);
  double sum = 0, count = 0;
  for (std::size_t p = 0; p < depths.values.size(); ++p) {
    if (digit.mask.values[p]) sum += double(depths.values[p]) - 0.5, count += 1;
  }
  return 4 * sum / count;
}

void fit_strokes(Ink& ink, const Digit& digit) {
  const double unit = digit.box.longer() / side, width = stroke_width(digit) / unit;
  if (width < thinnest) {
    const int radius = int(std::lround((thinnest - width) / 2 * unit));
    ink.strength = largest(ink.strength, radius);
    ink.box = grow(ink.box, radius, ink.strength.rows, ink.strength.columns);
  } else if (width > thickest) {
    const int radius = int((width - thickest) / 2 * unit);
    const Box smaller{ink.box.top + radius, ink.box.bottom - radius, ink.box.left + radius, ink.box.right - radius};
    if (smaller.shorter() < 3) return;
    ink.strength = smallest(ink.strength, radius);
    ink.box = smaller;
  }
}

}  // namespace rnn
