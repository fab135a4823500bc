module;
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

module rnn.data.paper;

import rnn.data.components;

namespace rnn {

namespace {

/// The two tones that a picture falls into.
struct Levels {
  float dark = 0, bright = 0, threshold = 0;
  bool only = false;  // hardly any pixel is between them or beyond them
  float contrast() const { return bright - dark; }
};

/// Otsu's threshold: that which leaves the least variance within the two parts.
float otsu(const std::vector<float>& values, float low, float high) {
  constexpr int bins = 256;
  std::array<double, bins> histogram{};
  for (const float value : values) {
    histogram[std::size_t(std::clamp(int((value - low) / (high - low) * bins), 0, bins - 1))] += 1;
  }
  double all = 0, moment = 0;
  for (int k = 0; k < bins; ++k) all += histogram[std::size_t(k)], moment += k * histogram[std::size_t(k)];
  double count = 0, below = 0, best = -1, sum = 0;
  int ties = 0;
  for (int k = 0; k + 1 < bins; ++k) {
    count += histogram[std::size_t(k)], below += k * histogram[std::size_t(k)];
    if (count == 0 || count == all) continue;
    const double apart = below / count - (moment - below) / (all - count);
    const double between = count * (all - count) * apart * apart;
    if (between > best * (1 + 1e-9)) best = between, sum = 0, ties = 0;
    if (between >= best * (1 - 1e-9)) sum += k, ++ties;  // in an empty range all thresholds are as good: its middle
  }
  return ties == 0 ? low : low + float(sum / ties + 1) / bins * (high - low);
}

Levels levels_of(const Plane& tone, float noise) {
  const auto [low, high] = std::ranges::minmax(tone.values);
  Levels levels;
  levels.threshold = high > low ? otsu(tone.values, low, high) : low;
  std::vector<float> dark, bright;
  for (const float value : tone.values) (value < levels.threshold ? dark : bright).push_back(value);
  levels.dark = quantile(dark, 0.5), levels.bright = quantile(bright, 0.5);
  const float contrast = levels.contrast();
  if (dark.empty() || bright.empty() || contrast < 4 * noise) return levels;
  const float limit = std::max(0.2f * contrast, 4 * noise);
  double between = 0, beyond = 0;
  for (const float value : tone.values) {
    between += value > levels.dark + 0.3f * contrast && value < levels.bright - 0.3f * contrast;
    beyond += value < levels.dark - limit || value > levels.bright + limit;
  }
  const auto all = double(tone.values.size());
  levels.only = between < 0.18 * all && beyond < 0.02 * all;
  return levels;
}

/// How much of the picture's edge the mask has.
double share_of_edge(const Mask& mask) {
  double count = 0, edge = 0;
  for (int i = 0; i < mask.rows; ++i) {
    const bool whole_row = i == 0 || i == mask.rows - 1;
    for (int j = 0; j < mask.columns; j += whole_row ? 1 : std::max(1, mask.columns - 1)) {
      count += mask(i, j), edge += 1;
    }
  }
  return count / edge;
}

/// The number of the component with the largest box, −1 where there is none.
int widest(const Components& parts) {
  int best = -1;
  const auto size = [&](int k) {
    const Component& part = parts.components[std::size_t(k)];
    return long(part.box.height()) * part.box.width();
  };
  for (int k = 0; k < int(parts.components.size()); ++k) {
    if (best < 0 || size(k) > size(best)) best = k;
  }
  return best;
}

/// The area of the smallest rectangle around the component, turned by up to 20 degrees.
double rectangle_around(const Components& parts, int which) {
  double least = 1e30;
  const Box box = parts.components[std::size_t(which)].box;
  for (int degrees = -20; degrees <= 20; degrees += 2) {
    const double angle = degrees * std::numbers::pi / 180, cosine = std::cos(angle), sine = std::sin(angle);
    double left = 1e30, right = -1e30, top = 1e30, bottom = -1e30;
    for (int i = box.top; i < box.bottom; ++i) {
      for (int j = box.left; j < box.right; ++j) {
        if (parts.label[std::size_t(i) * std::size_t(parts.columns) + std::size_t(j)] != which) continue;
        const double x = j * cosine + i * sine, y = i * cosine - j * sine;
        left = std::min(left, x), right = std::max(right, x), top = std::min(top, y), bottom = std::max(bottom, y);
      }
    }
    least = std::min(least, (right - left + 1) * (bottom - top + 1));
  }
  return least;
}

/// How much of its own box's sides the component covers.
double share_of_sides(const Components& parts, int which) {
  const Box& box = parts.components[std::size_t(which)].box;
  double count = 0, all = 0;
  for (int i = box.top; i < box.bottom; ++i) {
    const bool whole_row = i == box.top || i == box.bottom - 1;
    for (int j = box.left; j < box.right; j += whole_row ? 1 : std::max(1, box.width() - 1)) {
      count += parts.label[std::size_t(i) * std::size_t(parts.columns) + std::size_t(j)] == which, all += 1;
    }
  }
  return count / all;
}

/// Whether the component is a sheet of paper with something on it: a rectangle but for the pieces within it, which are
/// not as much as the sheet. A digit is no rectangle.
bool is_sheet(const Components& parts, int which, const Components& rest) {
  const Component& part = parts.components[std::size_t(which)];
  int within = 0;
  for (const Components* pieces : {&parts, &rest}) {
    for (const Component& piece : pieces->components) {
      const Box &a = piece.box, &b = part.box;
      if (a.top > b.top && a.bottom < b.bottom && a.left > b.left && a.right < b.right) within += piece.area;
    }
  }
  const bool most = (part.area + within) * 20L > parts.rows * parts.columns * 17L;
  const Box& box = part.box;
  if (box.height() * 5 > parts.rows * 3 && box.width() * 5 > parts.columns * 3 &&
      part.area * 2 > box.height() * box.width() && share_of_sides(parts, which) > 0.85)
    return true;
  return (most || within * 300 >= part.area) && within < part.area &&
         part.area + within > 0.9 * rectangle_around(parts, which);
}

/// The box made smaller until nine tenths of each of its sides are in the mask: of a turned sheet, what has no corner
/// of the table in it.
Box box_within(const Mask& mask, Box box) {
  const auto covered = [&](const Box& line) {
    double count = 0;
    for (int i = line.top; i < line.bottom; ++i) {
      for (int j = line.left; j < line.right; ++j) count += mask(i, j);
    }
    return count / (line.height() * line.width());
  };
  for (const int least = box.shorter() / 2; box.shorter() > least;) {
    const double sides[] = {covered({box.top, box.top + 1, box.left, box.right}),
                            covered({box.bottom - 1, box.bottom, box.left, box.right}),
                            covered({box.top, box.bottom, box.left, box.left + 1}),
                            covered({box.top, box.bottom, box.right - 1, box.right})};
    const auto worst = std::ranges::min_element(sides) - sides;
    if (sides[worst] >= 0.9) break;
    (worst == 0 ? box.top : worst == 1 ? box.bottom : worst == 2 ? box.left : box.right) += worst % 2 == 0 ? 1 : -1;
  }
  return box;
}

/// The box of a sheet of this tone within the other. Otherwise an empty box.
Box sheet(const Mask& mask) {
  const Components parts = components_of(mask);
  const int which = widest(parts);
  if (which < 0) return {};
  const Box& box = parts.components[std::size_t(which)].box;
  if (box.height() * 3 < mask.rows || box.width() * 3 < mask.columns) return {};
  return is_sheet(parts, which, components_of(inverse(mask))) ? box_within(mask, box) : Box{};
}

/// Whether the mask is one piece that touches all four edges, without covering them, and does not cut the rest into
/// the many pieces of a grid.
bool is_trimmed(const Mask& mask) {
  const double edge = share_of_edge(mask);
  if (edge < 0.03 || edge > 0.75) return false;
  const Components parts = components_of(mask), rest = components_of(inverse(mask));
  const int which = widest(parts);
  const Component& part = parts.components[std::size_t(which)];
  int all = 0, pieces = 0;
  for (const Component& other : parts.components) all += other.area;
  for (const Component& other : rest.components) pieces += other.area * 500 > mask.rows * mask.columns;
  const Box& box = part.box;
  const bool touches = box.top <= 1 && box.left <= 1 && box.bottom >= mask.rows - 1 && box.right >= mask.columns - 1;
  return touches && part.area > 0.9 * all && pieces <= 8 && !is_sheet(parts, which, rest);
}

/// Whether there is more paper than ink around each place, seen from how the tones lean away from their local medians.
bool leans_dark(const Plane& tone) {
  const int factor = std::max(1, tone.shorter() / 48);
  const Plane small = shrink(tone, factor),
              around = enlarge(median(small, std::max(1, small.shorter() / 6)), factor, tone);
  double lean = 0;
  for (int i = 1; i + 1 < tone.rows; ++i) {
    for (int j = 1; j + 1 < tone.columns; ++j) {
      const float down = tone(i + 1, j) - tone(i - 1, j), over = tone(i, j + 1) - tone(i, j - 1);
      lean += double(tone(i, j) - around(i, j)) * double(down * down + over * over);
    }
  }
  return lean < 0;
}

}  // namespace

Paper paper_of(const Plane& all) {
  constexpr int enough = 256;  // pixels along the shorter side
  const int factor = std::max(1, all.shorter() / enough);
  const float noise = noise_of(all);
  Plane tone = shrink(all, factor);
  if (tone.shorter() >= 32) tone = median(tone, 1);

  Paper paper;
  paper.where = all.whole();
  const Levels levels = levels_of(tone, noise / 2);
  const Mask bright = above(tone, levels.threshold), dark = inverse(bright);
  const double edge = share_of_edge(bright);
  const auto decide = [&](bool brighter) {
    paper.brighter = brighter;
    paper.tone = brighter ? levels.bright : levels.dark;
    const Plane to_ink = distance_to(brighter ? dark : bright), to_paper = distance_to(brighter ? bright : dark);
    std::vector<float> values;
    const float away = 1 + 0.06f * float(tone.shorter());
    for (std::size_t p = 0; p < tone.values.size(); ++p) {
      if (to_ink.values[p] > away) values.push_back(tone.values[p]);
    }
    if (levels.only)
      paper.widest = int(2 * std::min(std::ranges::max(to_paper.values), float(tone.shorter()))) * factor;
    paper.even = levels.only && quantile(values, 0.95) - quantile(values, 0.05) < 0.15f * levels.contrast();
    return paper;
  };
  if (levels.only) {
    for (const bool ink_is_bright : {false, true}) {
      if (!is_trimmed(ink_is_bright ? bright : dark)) continue;
      paper.trimmed = true;
      return decide(!ink_is_bright);
    }
    if (edge > 0.8 || edge < 0.2) {
      const bool around_is_bright = edge > 0.5;
      const Box inside = sheet(around_is_bright ? dark : bright);
      if (inside == Box{}) return decide(around_is_bright);
      const Box scaled{inside.top * factor, std::min(all.rows, inside.bottom * factor), inside.left * factor,
                       std::min(all.columns, inside.right * factor)};
      paper.where = scaled;
      return decide(!around_is_bright);
    }
    double share = 0;
    for (const std::uint8_t value : bright.values) share += value;
    share /= double(bright.values.size());
    if (share > 0.7) return decide(true);
    if (share < 0.3) return decide(false);
  }
  return decide(leans_dark(tone));
}

}  // namespace rnn
