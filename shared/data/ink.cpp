module;
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

module rnn.data.ink;

import rnn.base.error;
import rnn.data.components;
import rnn.data.lines;
import rnn.data.paper;
import rnn.linalg.matrix;

namespace rnn {

namespace {

float P(const char* n, float d) { const char* v = std::getenv(n); return v ? std::strtof(v, nullptr) : d; }

/// The plane with `margin` pixels more on each side, which continue it as if it were turned about its edge: a slope
/// goes on as a slope.
Plane continued(const Plane& plane, int margin) {
  Plane result = filled(plane.rows + 2 * margin, plane.columns + 2 * margin, 0);
  const auto turned = [](int k, int length) { return std::clamp(k < 0 ? -k : k >= length ? 2 * (length - 1) - k : k, 0, length - 1); };
  for (int i = 0; i < result.rows; ++i) {
    const int y = i - margin, near_y = std::clamp(y, 0, plane.rows - 1), far_y = turned(y, plane.rows);
    for (int j = 0; j < result.columns; ++j) {
      const int x = j - margin, near_x = std::clamp(x, 0, plane.columns - 1), far_x = turned(x, plane.columns);
      const bool within = near_y == y && near_x == x;
      result(i, j) = within ? plane(y, x) : std::clamp(2 * plane(near_y, near_x) - plane(far_y, far_x), -255.0f, 255.0f);
    }
  }
  return result;
}

/// The paper's tone everywhere, as it would be without what is darker and narrower than `size` pixels: a closing.
Plane background(const Plane& tone, int size) {
  constexpr double enough = 1 << 16;  // pixels
  const int factor = int(std::ceil(std::sqrt(double(tone.values.size()) / enough)));
  const Plane small = shrink(tone, factor);
  const int radius = std::max(1, size / 2 / factor);
  const Plane clean = small.shorter() < 48 ? small : median(small, 2);
  const Plane wide = smallest(largest(continued(clean, radius + 1), radius), radius);
  Plane closed = small;
  for (int i = 0; i < closed.rows; ++i) {
    for (int j = 0; j < closed.columns; ++j) closed(i, j) = wide(i + radius + 1, j + radius + 1);
  }
  return enlarge(factor == 1 ? closed : smallest(closed, 1), factor, tone);
}

Plane negative(Plane plane) {
  for (float& value : plane.values) value = -value;
  return plane;
}

/// How much each pixel differs from the paper; 1 is from white paper to black ink, or from black paper to white ink.
/// Ink that is darker than its paper takes a part of the light away, whatever light there is.
Plane strength_of(const Tones& tones, const Paper& paper, int size) {
  Plane result = paper.brighter ? tones.tone : negative(tones.tone);
  const Plane below = paper.even ? filled(result.rows, result.columns, paper.brighter ? paper.tone : -paper.tone)
                                 : background(result, size);
  const bool same = paper.even || &tones.tone == &tones.brightness;
  for (std::size_t p = 0; p < result.values.size(); ++p) result.values[p] = below.values[p] - result.values[p];
  if (paper.brighter && paper.even) {
    const float light = std::max(24.0f, std::abs(paper.tone));
    for (float& value : result.values) value /= light;
  } else if (paper.brighter) {
    const Plane light = same ? below : background(tones.brightness, size);
    for (std::size_t p = 0; p < result.values.size(); ++p) result.values[p] /= std::max(24.0f, light.values[p]);
  } else {
    for (float& value : result.values) value /= 255;
  }
  if (!paper.even) {
    const float bias = quantile(result.values, 0.5);
    for (float& value : result.values) value -= bias;
  }
  return result;
}

/// What is known of a part of a picture while the digit in it is looked for.
struct Page {
  Plane strength;  // of each pixel
  Plane smooth;    // the same with less noise
  float noise = 0; // of `smooth`
  bool trimmed = false;
  Box edge;        // where the picture ends; further out than the plane where it does not
};

/// A component, and how strong it is on average.
struct Piece {
  Component part;
  int number;
  float strength;
  bool at_edge, in_margin;
};

bool at_edge(const Box& box, const Page& page) {
  const int near = page.strength.shorter() / 64;
  const Box& edge = page.edge;
  return box.top <= edge.top + near || box.left <= edge.left + near || box.bottom >= edge.bottom - near || box.right >= edge.right - near;
}

/// How many of the component's pixels are within the band of this width along the sides of the box.
double share_in_band(const Components& parts, int which, const Box& box, int band) {
  const Component& part = parts.components[std::size_t(which)];
  int count = 0;
  for (int i = part.box.top; i < part.box.bottom; ++i) {
    for (int j = part.box.left; j < part.box.right; ++j) {
      if (parts.label[std::size_t(i) * std::size_t(parts.columns) + std::size_t(j)] != which) continue;
      count += i < box.top + band || i >= box.bottom - band || j < box.left + band || j >= box.right - band;
    }
  }
  return double(count) / part.area;
}

/// Whether the component frames the page or is a part of a frame.
bool is_frame(const Components& parts, int which, const Page& page) {
  const Component& part = parts.components[std::size_t(which)];
  const Box& box = part.box;
  const int rows = page.strength.rows, columns = page.strength.columns, shorter = std::min(rows, columns);
  const int margin = shorter / 8;
  if (box.longer() * 4 < shorter) return false;
  const bool wide = box.height() * 4 >= 3 * rows && box.width() * 4 >= 3 * columns;
  if (wide && share_in_band(parts, which, box, box.shorter() / 8) > 0.85) return true;
  const bool bar = box.shorter() <= 1 + shorter * 0.06 && box.longer() * 4 >= shorter;
  if (!at_edge(box, page) && !bar) return false;
  return share_in_band(parts, which, page.edge, margin) > 0.85;
}

std::vector<Piece> pieces_of(const Components& parts, const Page& page) {
  std::vector<double> sums(parts.components.size());
  for (std::size_t p = 0; p < parts.label.size(); ++p) {
    if (parts.label[p] >= 0) sums[std::size_t(parts.label[p])] += double(page.smooth.values[p]);
  }
  std::vector<Piece> pieces;
  for (int k = 0; k < int(parts.components.size()); ++k) {
    const Component& part = parts.components[std::size_t(k)];
    if (!page.trimmed && is_frame(parts, k, page)) continue;
    pieces.push_back({part, k, float(sums[std::size_t(k)] / part.area), !page.trimmed && at_edge(part.box, page), false});
  }
  return pieces;
}

/// How much of the picture a piece explains.
double weight_of(const Piece& piece) { return double(piece.strength) * piece.part.box.longer() * (piece.at_edge ? 0.3 : 1); }

Mask marks(const Page& page, float threshold) {
  Mask mask = above(page.smooth, threshold);
  if (!page.trimmed) remove_lines(mask);
  return mask;
}

/// The threshold at which the piece that explains most does so, and its strength.
struct Level {
  float threshold = 0, strength = 0;
  Box box;
  double weight = 0;
};

Level best_level(const Page& page, const Box& within) {
  Level best;
  for (float threshold = 0.7f; threshold > std::max(0.015f, 4 * page.noise); threshold /= 1.4f) {
    const Components parts = components_of(marks(page, threshold));
    for (const Piece& piece : pieces_of(parts, page)) {
      if (intersect(piece.part.box, within) == Box{}) continue;
      if (weight_of(piece) <= best.weight * 1.02) continue;
      best.weight = weight_of(piece);
      best.threshold = threshold;
      best.box = piece.part.box;
      std::vector<float> values;
      for (std::size_t p = 0; p < parts.label.size(); ++p) {
        if (parts.label[p] == piece.number) values.push_back(page.smooth.values[p]);
      }
      best.strength = quantile(std::move(values), 0.8);
    }
  }
  return best;
}

struct Digit {
  Mask mask;
  Box box;
  int digits = 0;
  Mask others;
};

/// Whether a piece so far from a digit is a part of it, as the bar of a 5 may be, instead of a speck or another digit.
bool belongs(const Piece& piece, const Box& digit, int main_area, float gap) {
  const Box &box = piece.part.box, both = unite(box, digit);
  const float size = float(both.longer());
  if (gap <= 0.03f * size && piece.part.area * 200 >= main_area) return true;
  if (gap > 0.2f * size || piece.part.area * 12 < main_area) return false;
  const bool beside = box.left >= digit.right || box.right <= digit.left;
  const bool tall = box.height() * 10 >= 7 * both.height() && digit.height() * 10 >= 7 * both.height();
  if (beside && tall) return gap <= 0.12f * size && both.width() * 100 <= 115 * both.height();
  return both.longer() * 4 <= 7 * digit.longer();
}

Digit digit_at(const Page& page, float threshold, const Box& within, float strength) {
  const Components parts = components_of(marks(page, threshold));
  std::vector<Piece> pieces = pieces_of(parts, page);
  std::erase_if(pieces, [&](const Piece& piece) { return intersect(piece.part.box, within) == Box{}; });
  Digit digit{{page.strength.rows, page.strength.columns, std::vector<std::uint8_t>(page.strength.values.size())}, {}, 0, {}};
  digit.others = digit.mask;
  if (pieces.empty()) return digit;
  const auto main = *std::ranges::max_element(pieces, {}, weight_of);
  digit.digits = 1;
  digit.box = main.part.box;
  std::vector<char> mine(parts.components.size(), 0);
  const auto take = [&](const Piece& piece) {
    mine[std::size_t(piece.number)] = 1;
    digit.box = unite(digit.box, piece.part.box);
    for (std::size_t p = 0; p < parts.label.size(); ++p) {
      if (parts.label[p] == piece.number) digit.mask.values[p] = 1;
    }
  };
  take(main);
  const int size = main.part.box.longer();
  for (int round = 0; round < 3; ++round) {
    const Plane distance = distance_to(digit.mask);
    std::vector<float> gaps(parts.components.size(), 1e9f);
    for (std::size_t p = 0; p < parts.label.size(); ++p) {
      if (parts.label[p] >= 0) gaps[std::size_t(parts.label[p])] = std::min(gaps[std::size_t(parts.label[p])], distance.values[p]);
    }
    bool more = false;
    for (const Piece& piece : pieces) {
      if (mine[std::size_t(piece.number)] || (piece.at_edge && !main.at_edge) || piece.strength < 0.4f * strength) continue;
      if (!belongs(piece, digit.box, main.part.area, gaps[std::size_t(piece.number)])) continue;
      take(piece), more = true;
    }
    if (!more) break;
  }
  for (const Piece& piece : pieces) {
    if (mine[std::size_t(piece.number)]) continue;
    if (piece.at_edge || piece.strength < 0.5f * strength) continue;
    digit.digits += piece.part.box.longer() * 2 >= size && piece.part.area * 5 >= main.part.area;
  }
  for (std::size_t p = 0; p < parts.label.size(); ++p) digit.others.values[p] = parts.label[p] >= 0 && !digit.mask.values[p];
  return digit;
}

Page page_of(const Tones& tones, const Paper& paper, int size, const Box& edge) {
  Page page;
  page.strength = strength_of(tones, paper, size);
  page.trimmed = paper.trimmed;
  page.edge = edge;
  const float noise = noise_of(page.strength);
  int radius = noise < 0.012f ? 0 : noise < 0.05f ? 1 : 2;
  if (page.strength.shorter() < 100) radius = std::min(radius, 1);
  page.smooth = box_mean(page.strength, radius);
  page.noise = 1.3f * noise / float(2 * radius + 1);
  return page;
}

Box scaled(const Box& box, int factor, const Box& from) {
  return intersect({from.top + box.top * factor, from.top + box.bottom * factor, from.left + box.left * factor,
          from.left + box.right * factor}, from);
}

Box reduced(const Box& box, int factor, const Box& from) {
  return {(box.top - from.top) / factor, (box.bottom - from.top + factor - 1) / factor, (box.left - from.left) / factor,
          (box.right - from.left + factor - 1) / factor};
}

}  // namespace

Ink find_ink(const Picture& picture, const std::filesystem::path& name) {
  const Box whole{0, int(picture.rows), 0, int(picture.columns)};
  const int factor = int(std::ceil(std::sqrt(double(picture.rows * picture.columns) / (1 << 20))));
  Tones tones = tones_of(picture, whole, factor);
  Paper paper = paper_of(tones.tone);
  Box from = whole;
  if (paper.where != tones.tone.whole()) {
    from = scaled(paper.where, factor, whole);
    tones = tones_of(picture, from, factor);
  }
  const Page page = page_of(tones, paper, std::max(tones.tone.shorter() / 3, paper.widest * 5 / 4), tones.tone.whole());
  const Level level = best_level(page, tones.tone.whole());
  if (std::getenv("INK_DEBUG")) fmt::print(stderr, "brighter {} even {} trimmed {} tone {} noise {} level {} strength {} box {} {} {} {}\n", paper.brighter, paper.even, paper.trimmed, paper.tone, page.noise, level.threshold, level.strength, level.box.top, level.box.bottom, level.box.left, level.box.right);
  if (level.strength < 0.04f) {
    const auto [darkest, brightest] = std::ranges::minmax(tones.brightness.values);
    throw FileError(name, fmt::format("expected a digit that stands out from its paper, found no ink: brightness {:.0f} to "
                                      "{:.0f} of 255", std::round(darkest), std::round(brightest)));
  }
  const Digit first = digit_at(page, std::max(P("T1", 0.35f) * level.strength, 4 * page.noise), tones.tone.whole(), level.strength);
  if (first.digits > 1) throw FileError(name, fmt::format("expected one digit, found {}: cut one of them out", first.digits));
  if (first.box.longer() < 12 && first.box.longer() * 50 < page.strength.shorter())
    throw FileError(name, fmt::format("expected a digit, found specks of at most {} pixels", first.box.longer() * factor));

  // Once more, closer, with what is known now.
  const Box rough = scaled(first.box, factor, from);
  const int finer = std::max(1, rough.longer() / 96);
  const Box near = paper.trimmed ? from : intersect(grow(rough, std::max(2, rough.longer() * 6 / 10), whole.bottom, whole.right), from);
  tones = tones_of(picture, near, finer);
  Mask without = first.mask;
  for (auto& v : without.values) v = !v;
  const float widest = 2 * std::ranges::max(distance_to(without).values) * float(factor) / float(finer);
  const Box there = reduced(intersect(rough, near), finer, near);
  const int stroke = std::max(6, int(P("LS", 2) * std::min(widest, float(there.longer()))));
  const int rows = tones.tone.rows, columns = tones.tone.columns;
  const Box edge{near.top > from.top ? -rows : 0, near.bottom < from.bottom ? 2 * rows : rows, near.left > from.left ? -columns : 0, near.right < from.right ? 2 * columns : columns};
  const Page closer = page_of(tones, paper, stroke, edge);
  const Level finest = best_level(closer, there);
  if (std::getenv("INK_DEBUG")) fmt::print(stderr, "finer {} near {} {} {} {} there {} {} {} {} noise {} level {} strength {}\n", finer, near.top, near.bottom, near.left, near.right, there.top, there.bottom, there.left, there.right, closer.noise, finest.threshold, finest.strength);
  const float cut = std::max(P("T2", 0.3f) * finest.strength, 4 * closer.noise);
  const Digit digit = digit_at(closer, cut, there, finest.strength);

  Ink ink{closer.strength, digit.box};
  const float size = float(digit.box.longer());
  const Plane distance = distance_to(digit.mask);
  Box box = digit.box;
  const float faint = std::max(P("FAINT", 0.08f) * finest.strength, 3 * closer.noise);
  const float ring = std::max(1.5f, P("RING", 1.2f) * size / 20);
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) {
      const bool mine = distance(i, j) <= ring && !digit.others(i, j);
      if (!mine) ink.strength(i, j) = 0;
      else if (closer.smooth(i, j) > faint) box = unite(box, {i, i + 1, j, j + 1});
    }
  }
  ink.box = box;
  for (float& value : ink.strength.values) value = std::min(value / finest.strength, 1.0f);

  Mask paper_mask = digit.mask;
  for (auto& v : paper_mask.values) v = !v;
  const Plane inside = distance_to(paper_mask);
  double sum = 0, count = 0;
  for (std::size_t p = 0; p < inside.values.size(); ++p) if (digit.mask.values[p]) sum += double(inside.values[p]) - 0.5, ++count;
  const double unit = digit.box.longer() / 20.0, width = 4 * sum / count / unit;
  if (width < P("THIN", 1.3f)) {
    const int r = int(std::lround((P("THIN2", 2.2f) - width) / 2 * unit));
    if (r > 0) {
      ink.strength = largest(ink.strength, r);
      ink.box = grow(ink.box, r, rows, columns);
    }
  } else if (width > P("THICK", 4.2f)) {
    const int r = int(std::lround((width - P("THICK2", 3.6f)) / 2 * unit));
    if (r > 0) {
      ink.strength = smallest(ink.strength, r);
      ink.box = {ink.box.top + r, ink.box.bottom - r, ink.box.left + r, ink.box.right - r};
    }
  }
  return ink;
}

}  // namespace rnn
