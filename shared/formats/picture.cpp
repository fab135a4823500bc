module;
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

module rnn.formats.picture;

import rnn.base.error;
import rnn.base.file;

namespace rnn {

void require_size(std::uint64_t rows, std::uint64_t columns, const std::filesystem::path& name) {
  const bool fits = rows <= most_pixels && columns <= most_pixels && rows * columns <= most_pixels;
  if (fits && rows * columns > 0) return;
  throw FileError(name, fmt::format("expected a picture of 1 to {} pixels, found {}x{}", most_pixels, rows, columns));
}

Picture read_picture(const std::filesystem::path& path) {
  constexpr std::size_t largest = 8 * most_pixels;  // bytes: four channels of 16 bits, stored as they are
  return parse_picture(read_file(path, largest), path);
}

Picture parse_picture(std::string_view bytes, const std::filesystem::path& name) {
  if (bytes.starts_with("\x89PNG")) return parse_png(bytes, name);
  if (bytes.starts_with("P2") || bytes.starts_with("P5")) return parse_pgm(bytes, name);
  if (bytes.empty()) throw FileError(name, "expected a PNG or PGM picture, found an empty file");
  std::string found;
  for (const char byte : bytes.substr(0, 4)) found += fmt::format(" {:02x}", std::uint8_t(byte));
  throw FileError(name, "byte 0: expected a PNG (89 50 4e 47) or PGM (P2, P5) picture, found" + found);
}

namespace {

constexpr Index side = 28;          // of an image of MNIST
constexpr Index box = 20;           // MNIST scaled each digit to fit into 20 × 20 …
constexpr Index center = side / 2;  // … and moved its center of mass to the middle

/// How much each pixel differs from the paper, 0 none; the same size as the picture.
struct Ink {
  Index rows, columns;
  std::vector<std::uint8_t> strength;
  std::uint8_t operator()(Index i, Index j) const { return strength[i * columns + j]; }
};

/// Rows top … bottom − 1, columns left … right − 1.
struct Box {
  Index top, bottom, left, right;
};

std::uint8_t median(std::vector<std::uint8_t>& values) {
  const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

int distance(std::uint8_t a, std::uint8_t b) { return std::abs(int(a) - int(b)); }

Ink find_ink(const Picture& picture) {
  const auto& [rows, columns, brightness] = picture;
  std::vector<std::uint8_t> edge;
  for (Index i = 0; i < rows; ++i) {
    const bool whole_row = i == 0 || i == rows - 1;
    for (Index j = 0; j < columns; j += whole_row ? 1 : std::max<Index>(1, columns - 1)) {
      edge.push_back(brightness[i * columns + j]);
    }
  }
  const std::uint8_t paper = median(edge);
  for (std::uint8_t& value : edge) value = std::uint8_t(distance(value, paper));
  const int noise = std::max(8, 4 * median(edge));  // what differs less is the paper's own unevenness

  Ink ink{rows, columns, std::vector<std::uint8_t>(brightness.size())};
  for (Index p = 0; p < brightness.size(); ++p) {
    const int strength = paper >= 128 ? paper - brightness[p] : brightness[p] - paper;
    ink.strength[p] = strength < noise ? 0 : std::uint8_t(strength);
  }
  return ink;
}

Box extent(const Ink& ink) {
  Box box{ink.rows, 0, ink.columns, 0};
  for (Index i = 0; i < ink.rows; ++i) {
    for (Index j = 0; j < ink.columns; ++j) {
      if (ink(i, j) == 0) continue;
      box = {std::min(box.top, i), i + 1, std::min(box.left, j), std::max(box.right, j + 1)};
    }
  }
  return box;
}

/// Ink that fits into the box, which begins at the pixel (0, 0).
struct Small {
  Index rows, columns;
  std::array<double, box * box> ink{};
};

/// How much of the pixel number p lies between two places.
double overlap(Index p, double begin, double end) {
  return std::max(0.0, std::min(end, double(p + 1)) - std::max(begin, double(p)));
}

Small shrink(const Ink& ink, const Box& from) {
  const Index height = from.bottom - from.top, width = from.right - from.left, longer = std::max(height, width);
  const double scale = double(longer) / box;  // pixels of the picture to one of ours; below 1 for a small picture
  Small small{(height * box + longer - 1) / longer, (width * box + longer - 1) / longer};
  for (Index i = 0; i < small.rows; ++i) {
    const double top = double(i) * scale, bottom = top + scale;
    for (Index j = 0; j < small.columns; ++j) {
      const double left = double(j) * scale, right = left + scale;
      double sum = 0;
      for (Index y = Index(top); y < height && double(y) < bottom; ++y) {
        for (Index x = Index(left); x < width && double(x) < right; ++x) {
          sum += overlap(y, top, bottom) * overlap(x, left, right) * ink(from.top + y, from.left + x);
        }
      }
      small.ink[i * box + j] = sum / (scale * scale);
    }
  }
  return small;
}

/// Where the box begins along one axis so that its center of mass, which is at `moment` / `mass` in it, comes to the
/// center of the image, or as near as `size` pixels can without leaving it.
Index begin(double moment, double mass, Index size) {
  const auto shift = std::lround(double(center) - moment / mass);
  return Index(std::clamp<long>(shift, 0, long(side - size)));
}

}  // namespace

Images as_mnist(const Picture& picture, const std::filesystem::path& name) {
  constexpr int faintest = 32;  // an eighth of the way from black to white
  const Ink ink = find_ink(picture);
  const int strongest = std::ranges::max(ink.strength);
  if (strongest < faintest) {
    const auto [darkest, brightest] = std::ranges::minmax(picture.brightness);
    throw FileError(name, fmt::format("expected a digit that stands out from its paper, found no ink: brightness {} to "
                                      "{} of 255",
                                      darkest, brightest));
  }
  const Small small = shrink(ink, extent(ink));

  double mass = 0, moment_x = 0, moment_y = 0, most = 0;
  for (Index i = 0; i < small.rows; ++i) {
    for (Index j = 0; j < small.columns; ++j) {
      const double here = small.ink[i * box + j];
      mass += here;
      moment_x += here * double(j);
      moment_y += here * double(i);
      most = std::max(most, here);
    }
  }
  const Index top = begin(moment_y, mass, small.rows), left = begin(moment_x, mass, small.columns);
  Images image{1, side, side, std::vector<std::uint8_t>(side * side)};
  for (Index i = 0; i < small.rows; ++i) {
    for (Index j = 0; j < small.columns; ++j) {
      image.pixels[(top + i) * side + left + j] = std::uint8_t(std::lround(255 * small.ink[i * box + j] / most));
    }
  }
  return image;
}

}  // namespace rnn
