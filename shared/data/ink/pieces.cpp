module;
#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

module rnn.data.ink;

import rnn.data.lines;

namespace rnn {

namespace {

bool at_edge(const Box& box, const Page& page) {
  const int near = page.strength.shorter() / 64;
  const Box& edge = page.edge;
  return box.top <= edge.top + near || box.left <= edge.left + near || box.bottom >= edge.bottom - near ||
         box.right >= edge.right - near;
}

/// The share of the component's pixels within this distance of a side of the box.
double share_in_band(const Components& parts, int which, const Box& box, int band) {
  const Component& part = parts.components[std::size_t(which)];
  int count = 0;
  for (int i = part.box.top; i < part.box.bottom; ++i) {
    for (int j = part.box.left; j < part.box.right; ++j) {
      if (parts.label_at(i, j) != which) continue;
      count += i < box.top + band || i >= box.bottom - band || j < box.left + band || j >= box.right - band;
    }
  }
  return double(count) / part.area;
}

/// Whether another component of some size lies within this one's box.
bool encloses(const Components& parts, int which) {
  const Box& outer = parts.components[std::size_t(which)].box;
  return std::ranges::any_of(parts.components, [&](const Component& other) {
    const Box& box = other.box;
    return box.top > outer.top && box.bottom < outer.bottom && box.left > outer.left && box.right < outer.right &&
           box.longer() * 4 > outer.shorter();
  });
}

/// Whether the component is a frame: it follows the sides of its own box, which is nearly as large as the page or has
/// something in it. Or a part of one, a bar in the margin: it follows the picture's edge. No digit does either.
bool is_frame(const Components& parts, int which, const Page& page) {
  constexpr double nearly_all = 0.85;
  const Box& box = parts.components[std::size_t(which)].box;
  const int rows = page.strength.rows, columns = page.strength.columns, shorter = page.strength.shorter();
  if (box.longer() * 4 < shorter) return false;
  const bool wide = box.height() * 4 >= 3 * rows && box.width() * 4 >= 3 * columns;
  if (share_in_band(parts, which, box, box.shorter() / 8) > nearly_all && (wide || encloses(parts, which))) return true;
  const bool bar = box.shorter() <= 1 + shorter * 0.06;
  return (bar || at_edge(box, page)) && share_in_band(parts, which, page.edge, shorter / 8) > nearly_all;
}

/// Removes frames from the mask. This comes before lines, since a frame is known by its four sides.
void remove_frames(Mask& mask, const Page& page) {
  const Components parts = components_of(mask);
  std::vector<bool> frame(parts.components.size());
  for (int k = 0; k < int(frame.size()); ++k) frame[std::size_t(k)] = is_frame(parts, k, page);
  for (std::size_t p = 0; p < mask.values.size(); ++p) {
    if (mask.values[p] && frame[std::size_t(parts.label[p])]) mask.values[p] = 0;
  }
}

}  // namespace

double weight_of(const Piece& piece) { return double(piece.strength) * piece.box.longer() * (piece.at_edge ? 0.3 : 1); }

Mask marks(const Page& page, float threshold) {
  constexpr int large_enough = 40;  // pixels: in smaller pictures strokes are as thin as lines
  Mask mask = above(page.smooth, threshold);
  if (page.trimmed) return mask;
  remove_frames(mask, page);
  if (page.strength.shorter() >= large_enough) remove_lines(mask);
  return mask;
}

std::vector<Piece> pieces_of(const Components& parts, const Page& page) {
  std::vector<double> sums(parts.components.size());
  for (std::size_t p = 0; p < parts.label.size(); ++p) {
    if (parts.label[p] >= 0) sums[std::size_t(parts.label[p])] += double(page.smooth.values[p]);
  }
  std::vector<Piece> pieces;
  for (int k = 0; k < int(parts.components.size()); ++k) {
    const auto& [box, area] = parts.components[std::size_t(k)];
    const auto strength = float(sums[std::size_t(k)] / area);
    pieces.push_back({k, box, area, strength, !page.trimmed && at_edge(box, page)});
  }
  return pieces;
}

float best_strength(const Page& page, const Box& within) {
  constexpr float highest = 0.7f, step = 1.4f, lowest = 0.015f;
  constexpr double better = 1.02;  // a lower threshold makes every piece a little larger
  float best = 0;
  double most = 0;
  for (float threshold = highest; threshold > std::max(lowest, 4 * page.noise); threshold /= step) {
    const Components parts = components_of(marks(page, threshold));
    for (const Piece& piece : pieces_of(parts, page)) {
      if (intersect(piece.box, within) == Box{} || weight_of(piece) <= most * better) continue;
      most = weight_of(piece);
      std::vector<float> values;
      for (int i = piece.box.top; i < piece.box.bottom; ++i) {
        for (int j = piece.box.left; j < piece.box.right; ++j) {
          if (parts.label_at(i, j) == piece.number) values.push_back(page.smooth(i, j));
        }
      }
      best = quantile(std::move(values), 0.8);
    }
  }
  return best;
}

}  // namespace rnn
