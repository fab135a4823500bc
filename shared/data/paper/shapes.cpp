module;
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

module rnn.data.paper;

namespace rnn {

namespace {

/// The number of the component with the largest box.
int widest(const Components& parts) {
  int best = 0;
  const auto size = [&](int k) {
    const Component& part = parts.components[std::size_t(k)];
    return long(part.box.height()) * part.box.width();
  };
  for (int k = 1; k < int(parts.components.size()); ++k) {
    if (size(k) > size(best)) best = k;
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
        if (parts.label_at(i, j) != which) continue;
        const double x = j * cosine + i * sine, y = i * cosine - j * sine;
        left = std::min(left, x), right = std::max(right, x), top = std::min(top, y), bottom = std::max(bottom, y);
      }
    }
    least = std::min(least, (right - left + 1) * (bottom - top + 1));
  }
  return least;
}

/// The share of the box's sides that is covered.
template <class Covered>
double share_of_sides(const Box& box, Covered covered) {
  double count = 0, all = 0;
  for (int i = box.top; i < box.bottom; ++i) {
    for (int j = box.left; j < box.right; ++j) {
      const bool inside = i > box.top && i < box.bottom - 1 && j > box.left && j < box.right - 1;
      if (!inside) count += covered(i, j), all += 1;
    }
  }
  return count / all;
}

/// Whether the component is a sheet of paper with something on it: a rectangle, except for the pieces within it, which
/// cover less than half of it. A digit is no rectangle.
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
      part.area * 2 > box.height() * box.width() &&
      share_of_sides(box, [&](int i, int j) { return parts.label_at(i, j) == which; }) > 0.85)
    return true;
  return (most || within * 300 >= part.area) && within < part.area &&
         part.area + within > 0.9 * rectangle_around(parts, which);
}

/// The box, shrunk until nine tenths of each side are in the mask, or it is half as narrow: the part of a turned sheet
/// without corners of the table.
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

}  // namespace

double share_of_edge(const Mask& mask) { return share_of_sides({0, mask.rows, 0, mask.columns}, mask); }

Box sheet(const Mask& mask) {
  const Components parts = components_of(mask);
  const int which = widest(parts);
  const Box& box = parts.components[std::size_t(which)].box;
  if (box.height() * 3 < mask.rows || box.width() * 3 < mask.columns) return {};
  return is_sheet(parts, which, components_of(inverse(mask))) ? box_within(mask, box) : Box{};
}

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

}  // namespace rnn
