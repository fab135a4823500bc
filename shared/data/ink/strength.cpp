module;
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

module rnn.data.ink;

namespace rnn {

namespace {

constexpr float faintest_light = 24;  // of 255: divided by less, noise would count as ink

/// The plane with `margin` more pixels on each side, rotated by half a turn about the pixel at the edge, so that a
/// slope goes on as a slope. (Mirrored, the dark end of a slope would become a valley, and a closing would fill it.)
Plane continued(const Plane& plane, int margin) {
  const auto mirrored = [](int k, int length) {
    return std::clamp(k < 0 ? -k : k >= length ? 2 * (length - 1) - k : k, 0, length - 1);
  };
  Plane result = filled(plane.rows + 2 * margin, plane.columns + 2 * margin, 0);
  for (int i = 0; i < result.rows; ++i) {
    const int y = i - margin, near_y = std::clamp(y, 0, plane.rows - 1), far_y = mirrored(y, plane.rows);
    for (int j = 0; j < result.columns; ++j) {
      const int x = j - margin, near_x = std::clamp(x, 0, plane.columns - 1), far_x = mirrored(x, plane.columns);
      const bool inside = near_y == y && near_x == x;
      const float beyond = 2 * plane(near_y, near_x) - plane(far_y, far_x);
      result(i, j) = inside ? plane(y, x) : std::clamp(beyond, -255.0f, 255.0f);
    }
  }
  return result;
}

/// The paper's tone everywhere: a morphological closing, which erases what is darker and narrower than `size` pixels
/// and keeps slopes and the hard edges of shadows. Medians keep dust and noise out of it. What it erases is the "black
/// top-hat". Source: J. Serra, Image Analysis and Mathematical Morphology (1982).
Plane background(const Plane& tone, int size) {
  constexpr double enough = 1 << 16;  // pixels: paper changes slowly
  const int factor = int(std::ceil(std::sqrt(double(tone.values.size()) / enough)));
  const Plane small = shrink(tone, factor);
  const int radius = std::max(1, size / 2 / factor), margin = radius + 1;
  const Plane clean = small.shorter() < 48 ? small : median(small, 2);
  const Plane wide = smallest(largest(continued(clean, margin), radius), radius);
  Plane closed = small;
  for (int i = 0; i < closed.rows; ++i) {
    for (int j = 0; j < closed.columns; ++j) closed(i, j) = wide(i + margin, j + margin);
  }
  // Where two tones meet, the darker one is safer: it takes no shadow for ink.
  return factor == 1 ? closed : enlarge(smallest(closed, 1), factor, tone);
}

Plane negative(Plane plane) {
  for (float& value : plane.values) value = -value;
  return plane;
}

}  // namespace

Plane strength_of(const Tones& tones, const Paper& paper, int size) {
  Plane result = paper.brighter ? tones.tone : negative(tones.tone);
  const float level = paper.brighter ? paper.tone : -paper.tone;
  const Plane below = paper.even ? filled(result.rows, result.columns, level) : background(result, size);
  for (std::size_t p = 0; p < result.values.size(); ++p) result.values[p] = below.values[p] - result.values[p];

  if (!paper.brighter) {
    for (float& value : result.values) value /= 255;
  } else if (paper.even) {
    for (float& value : result.values) value /= std::max(faintest_light, std::abs(level));
  } else {
    const Plane light = background(tones.brightness, size);
    for (std::size_t p = 0; p < result.values.size(); ++p) {
      result.values[p] /= std::max(faintest_light, light.values[p]);
    }
  }
  if (paper.even) return result;
  // The closing follows the brightest of the noise. Most of the page is paper, which should be 0.
  const float bias = quantile(result.values, 0.5);
  for (float& value : result.values) value -= bias;
  return result;
}

Page page_of(const Tones& tones, const Paper& paper, int size, const Box& edge) {
  Page page{strength_of(tones, paper, size), {}, 0, paper.trimmed, edge};
  const float noise = noise_of(page.strength);
  int radius = noise < 0.012f ? 0 : noise < 0.05f ? 1 : 2;
  if (page.strength.shorter() < 100) radius = std::min(radius, 1);  // strokes are as thin as the window is wide
  page.smooth = box_mean(page.strength, radius);
  page.noise = 1.3f * noise / float(2 * radius + 1);  // more, since a camera's noise is correlated between neighbors
  return page;
}

}  // namespace rnn
