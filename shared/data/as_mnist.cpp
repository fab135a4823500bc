module;
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <vector>

module rnn.data.as_mnist;

import rnn.data.ink;
import rnn.data.plane;
import rnn.linalg.matrix;

namespace rnn {

namespace {

constexpr int side = 28;          // of an image of MNIST
constexpr int box = 20;           // MNIST scaled each digit to fit into 20 × 20 …
constexpr int center = side / 2;  // … and moved its center of mass to the middle

/// Ink that fits into the box, which begins at the pixel (0, 0).
struct Small {
  int rows, columns;
  std::array<double, box * box> ink{};
  double& operator()(int i, int j) { return ink[std::size_t(i * box + j)]; }
  double operator()(int i, int j) const { return ink[std::size_t(i * box + j)]; }
};

/// How much of the pixel number p lies between two places.
double overlap(int p, double begin, double end) {
  return std::max(0.0, std::min(end, double(p + 1)) - std::max(begin, double(p)));
}

Small shrink(const Ink& ink) {
  const Box& from = ink.box;
  const int height = from.height(), width = from.width(), longer = std::max(1, from.longer());
  const double scale = double(longer) / box;  // pixels of the picture to one of ours; below 1 for a small picture
  Small small{(height * box + longer - 1) / longer, (width * box + longer - 1) / longer};
  for (int i = 0; i < small.rows; ++i) {
    const double top = i * scale, bottom = top + scale;
    for (int j = 0; j < small.columns; ++j) {
      const double left = j * scale, right = left + scale;
      double sum = 0;
      for (int y = int(top); y < height && y < bottom; ++y) {
        for (int x = int(left); x < width && x < right; ++x) {
          sum += overlap(y, top, bottom) * overlap(x, left, right) * double(ink.strength(from.top + y, from.left + x));
        }
      }
      small(i, j) = std::max(0.0, sum / (scale * scale));
    }
  }
  return small;
}

/// Where the box begins along one axis so that its center of mass, which is at `moment` / `mass` in it, comes to the
/// center of the image, or as near as `size` pixels can without leaving it.
int begin(double moment, double mass, int size) {
  const auto shift = std::lround(double(center) - moment / mass);
  return int(std::clamp<long>(shift, 0, side - size));
}

}  // namespace

Images as_mnist(const Picture& picture, const std::filesystem::path& name) {
  const Small small = shrink(find_ink(picture, name));
  double mass = 0, moment_x = 0, moment_y = 0, most = 0;
  for (int i = 0; i < small.rows; ++i) {
    for (int j = 0; j < small.columns; ++j) {
      const double here = small(i, j);
      mass += here;
      moment_x += here * j;
      moment_y += here * i;
      most = std::max(most, here);
    }
  }
  const int top = begin(moment_y, mass, small.rows), left = begin(moment_x, mass, small.columns);
  Images image{1, Index(side), Index(side), std::vector<std::uint8_t>(Index(side * side))};
  for (int i = 0; i < small.rows; ++i) {
    for (int j = 0; j < small.columns; ++j) {
      image.pixels[Index((top + i) * side + left + j)] = std::uint8_t(std::lround(255 * small(i, j) / most));
    }
  }
  return image;
}

}  // namespace rnn
