#pragma once
// Pictures of drawn digits with whatever cameras, paper and people add to them.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>

#include "canvas.hpp"

namespace rnn::testing {

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
/// Squares of these sizes and this level in a column on the left.
inline Canvas specked(Canvas canvas, std::initializer_list<int> sizes, double level) {
  int top = 6;
  for (const int size : sizes) {
    for (int i = top; i < top + size; ++i) {
      for (int j = 6; j < 6 + size; ++j) canvas(i, j) = level;
    }
    top += 45;
  }
  return canvas;
}
/// Dark disks of radius `least` to `most` at random places in the outer seventh.
inline Canvas scattered(Canvas canvas, int count, int least, int most, Dice& dice) {
  const auto within = [&](int length) { return int(dice.uniform() * length); };
  for (int k = 0; k < count;) {
    const int y = within(canvas.rows), x = within(canvas.columns), radius = least + within(most - least + 1);
    const int to_edge = std::min(std::min(y, canvas.rows - 1 - y), std::min(x, canvas.columns - 1 - x));
    if (to_edge < radius || to_edge + radius >= canvas.rows / 7) continue;
    for (int i = y - radius; i <= y + radius; ++i) {
      for (int j = x - radius; j <= x + radius; ++j) {
        if ((i - y) * (i - y) + (j - x) * (j - x) <= radius * radius) canvas(i, j) = 30;
      }
    }
    ++k;
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

inline Picture gray(const Canvas& paper) { return to_picture({&paper}); }
inline Canvas pencil(const Canvas& ink) { return dyed(ink, 231, 40); }
inline Canvas black(const Canvas& ink) { return dyed(ink, 255, 0); }
inline Picture shaded(const Canvas& ink, double (*light)(double x, double y)) {
  return gray(lit(dyed(ink, 245, 37), light));
}
/// Ink of one color on paper of another: red, green and blue.
inline Picture colored(const Canvas& ink, const double (&paper)[3], const double (&full)[3]) {
  const Canvas red = dyed(ink, paper[0], full[0]), green = dyed(ink, paper[1], full[1]),
               blue = dyed(ink, paper[2], full[2]);
  return to_picture({&red, &green, &blue});
}

}  // namespace rnn::testing
