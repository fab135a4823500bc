module;
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

module rnn.data.picture;

namespace rnn {

namespace {

constexpr int all_colors = 3;
using Color = std::array<float, all_colors>;

std::size_t colors_of(const Picture& picture) { return picture.channels < 3 ? 1 : 3; }
bool has_opacity(const Picture& picture) { return picture.channels % 2 == 0; }

/// The sums of one row of the picture's pixels, each added to the pixel of the smaller plane that it belongs to.
void add_row(const Picture& picture, int row, const Box& from, int factor, Reduced& to) {
  const std::size_t channels = picture.channels, colors = to.colors.size();
  const std::uint8_t* pixel =
      picture.values.data() + (std::size_t(row) * picture.columns + std::size_t(from.left)) * channels;
  const int i = (row - from.top) / factor;
  for (int j = 0; j < from.width(); ++j, pixel += channels) {
    const float opacity = has_opacity(picture) ? float(pixel[channels - 1]) / 255 : 1;
    for (std::size_t c = 0; c < colors; ++c) to.colors[c](i, j / factor) += opacity * float(pixel[c]);
    if (has_opacity(picture)) to.opacity(i, j / factor) += opacity;
  }
}

}  // namespace

Reduced reduce(const Picture& picture, const Box& from, int factor) {
  const Plane none = filled((from.height() + factor - 1) / factor, (from.width() + factor - 1) / factor, 0);
  Reduced result{std::vector<Plane>(colors_of(picture), none), has_opacity(picture) ? none : Plane{}};
  for (int row = from.top; row < from.bottom; ++row) add_row(picture, row, from, factor, result);
  for (int i = 0; i < none.rows; ++i) {
    const int height = std::min(factor, from.height() - i * factor);
    for (int j = 0; j < none.columns; ++j) {
      const auto pixels = float(height * std::min(factor, from.width() - j * factor));
      const float opaque = has_opacity(picture) ? result.opacity(i, j) : pixels;
      for (Plane& color : result.colors) color(i, j) = opaque > 0 ? color(i, j) / opaque : 0;
      if (has_opacity(picture)) result.opacity(i, j) = opaque / pixels;
    }
  }
  return result;
}

namespace {

/// The values of the plane where the picture is opaque.
std::vector<float> opaque_values(const Plane& plane, const Plane& opacity) {
  std::vector<float> values;
  for (std::size_t p = 0; p < plane.values.size(); ++p) {
    if (opacity.values[p] > 0.5f) values.push_back(plane.values[p]);
  }
  return values;
}

/// Whether all that is opaque has one color, so that only its outline shows anything.
bool is_stencil(const Reduced& picture) {
  constexpr float unlike = 24;  // of 255
  return std::ranges::all_of(picture.colors, [&](const Plane& plane) {
    const std::vector<float> values = opaque_values(plane, picture.opacity);
    return quantile(values, 0.98) - quantile(values, 0.02) < unlike;
  });
}

/// Puts paper under what is transparent. If most of the picture is opaque, that is its median color; if most is
/// transparent, the opaque part is ink, and the paper is black or white, whichever it stands out from.
void lay_paper_below(Reduced& picture) {
  const double opaque = std::accumulate(picture.opacity.values.begin(), picture.opacity.values.end(), 0.0);
  const bool mostly_opaque = 2 * opaque >= double(picture.opacity.values.size());
  float brightness = 0;
  for (const Plane& color : picture.colors) brightness += quantile(opaque_values(color, picture.opacity), 0.5);
  const float contrast = 2 * brightness < 255 * float(picture.colors.size()) ? 255 : 0;
  for (Plane& color : picture.colors) {
    const float below = mostly_opaque ? quantile(opaque_values(color, picture.opacity), 0.5) : contrast;
    for (std::size_t p = 0; p < color.values.size(); ++p) {
      color.values[p] = below + picture.opacity.values[p] * (color.values[p] - below);
    }
  }
}

/// The sum of the planes, each times its weight.
Plane mixed(const std::vector<Plane>& planes, const Color& weights) {
  Plane result = planes[0];
  for (std::size_t p = 0; p < result.values.size(); ++p) {
    result.values[p] =
        weights[0] * planes[0].values[p] + weights[1] * planes[1].values[p] + weights[2] * planes[2].values[p];
  }
  return result;
}

/// The direction in which colors differ most from those around them: the first eigenvector of their covariance, found
/// by power iteration and scaled so that its absolute values sum to 1.
Color main_direction(const std::vector<Plane>& colors) {
  constexpr int enough = 200;  // pixels along the shorter side
  std::vector<Plane> away;
  for (const Plane& color : colors) {
    Plane small = shrink(color, std::max(1, color.shorter() / enough));
    const Plane around = box_mean(small, std::max(2, small.shorter() / 6));
    for (std::size_t p = 0; p < small.values.size(); ++p) small.values[p] -= around.values[p];
    away.push_back(std::move(small));
  }
  std::array<Color, all_colors> covariance{};
  for (std::size_t a = 0; a < all_colors; ++a) {
    for (std::size_t b = 0; b < all_colors; ++b) {
      covariance[a][b] =
          float(std::inner_product(away[a].values.begin(), away[a].values.end(), away[b].values.begin(), 0.0));
    }
  }
  Color direction{0.5f, 0.6f, 0.4f};  // toward brighter, and unlikely to be perpendicular to the result
  for (int step = 0; step < 100; ++step) {
    Color next{};
    for (std::size_t a = 0; a < all_colors; ++a) {
      for (std::size_t b = 0; b < all_colors; ++b) next[a] += covariance[a][b] * direction[b];
    }
    const float size = std::sqrt(next[0] * next[0] + next[1] * next[1] + next[2] * next[2]);
    if (!(size > 0)) break;
    for (std::size_t a = 0; a < all_colors; ++a) direction[a] = next[a] / size;
  }
  const float sum = direction[0] + direction[1] + direction[2];
  const float size = std::abs(direction[0]) + std::abs(direction[1]) + std::abs(direction[2]);
  for (float& part : direction) part *= (sum < 0 ? -1 : 1) / size;
  return direction;
}

}  // namespace

Tones tones_of(const Picture& picture, const Box& from, int factor) {
  Reduced reduced = reduce(picture, from, factor);
  if (has_opacity(picture) && std::ranges::min(reduced.opacity.values) < 0.98f) {
    if (is_stencil(reduced)) {
      for (float& value : reduced.opacity.values) value = 255 * (1 - value);
      return {reduced.opacity, reduced.opacity};
    }
    lay_paper_below(reduced);
  }
  if (reduced.colors.size() == 1) return {reduced.colors[0], reduced.colors[0]};
  return {mixed(reduced.colors, main_direction(reduced.colors)), mixed(reduced.colors, {0.299f, 0.587f, 0.114f})};
}

}  // namespace rnn
