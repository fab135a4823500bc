module;
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <span>
#include <vector>

module rnn.data.handwriting;

namespace rnn {

namespace {

constexpr int side = 28;                   // pixels
constexpr float box = 20;                  // MNIST scaled each digit to fit into 20 × 20 …
constexpr float center = float(side) / 2;  // … and moved its center of mass to the middle

/// How far each pixel's center lies outside the ink; negative inside.
using Distances = std::array<float, side * side>;

struct Pen {
  float radius;     // pixels
  float softness;   // the width of its gray edge, pixels
  float variation;  // how much the radius swells and shrinks along a stroke, as a fraction of it
  float phase, turns;

  explicit Pen(Dice& dice) {
    radius = 1.22f * std::exp(dice.normal(0, 0.28f));
    softness = dice.uniform(0.75f, 1.35f);
    variation = dice.normal(0, 0.12f);
    phase = dice.uniform(0, 2 * std::numbers::pi_v<float>);
    turns = dice.uniform(2, 8);
  }

  /// The radius at `part` (0 to 1) of the way along a stroke.
  float radius_at(float part) const { return radius * (1 + variation * std::sin(phase + turns * part)); }

  /// How far from the middle of the line ink can be seen.
  float reach() const { return radius * (1 + std::abs(variation)) + softness / 2; }
};

/// Scales and moves the paths so that their ink just fits into the box, width and height by the same factor.
void fit(std::vector<Path>& paths, const Pen& pen) {
  Point low = paths[0][0], high = low;
  for (const Path& path : paths) {
    for (const Point& p : path) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
  }
  const float extent = std::max(high.x - low.x, high.y - low.y);
  const float scale = (box - 2 * pen.reach()) / extent;
  for (Path& path : paths) {
    for (Point& p : path)
      p = {center + scale * (p.x - (low.x + high.x) / 2), center + scale * (p.y - (low.y + high.y) / 2)};
  }
}

/// Lowers the distances around the straight piece from a to b, whose ends are drawn `ra` and `rb` thick.
void ink(Distances& distances, Point a, Point b, float ra, float rb, float reach) {
  const float dx = b.x - a.x, dy = b.y - a.y;
  const float length2 = std::max(dx * dx + dy * dy, 1e-12f);
  // All ink is in the box, so these are rows and columns of the image.
  const int first_row = int(std::min(a.y, b.y) - reach), last_row = int(std::max(a.y, b.y) + reach);
  const int first_column = int(std::min(a.x, b.x) - reach), last_column = int(std::max(a.x, b.x) + reach);
  for (int row = first_row; row <= last_row; ++row) {
    for (int column = first_column; column <= last_column; ++column) {
      const float px = float(column) + 0.5f - a.x, py = float(row) + 0.5f - a.y;
      // The nearest point of the piece is `t` of the way from a to b.
      const float t = std::clamp((px * dx + py * dy) / length2, 0.0f, 1.0f);
      const float ex = px - t * dx, ey = py - t * dy;
      float& nearest = distances[std::size_t(row * side + column)];
      nearest = std::min(nearest, std::sqrt(ex * ex + ey * ey) - (ra + t * (rb - ra)));
    }
  }
}

/// By how many whole pixels to move the image along one axis to center its center of mass; `moment` is Σ ink ·
/// position.
int shift(float moment, float mass) { return int(std::lround(center - moment / mass)); }

}  // namespace

void render(std::vector<Path> paths, Dice& dice, std::span<std::uint8_t, 28 * 28> pixels) {
  const Pen pen(dice);
  fit(paths, pen);

  Distances distances;
  distances.fill(std::numeric_limits<float>::max());
  for (const Path& path : paths) {
    const float pieces = float(path.size() - 1);
    for (std::size_t i = 0; i + 1 < path.size(); ++i)
      ink(distances, path[i], path[i + 1], pen.radius_at(float(i) / pieces), pen.radius_at(float(i + 1) / pieces),
          pen.reach());
  }

  // The edge of the ink is a ramp from 1 to 0 as wide as the pen is soft.
  std::array<float, side * side> coverage;
  float mass = 0, moment_x = 0, moment_y = 0;
  for (int row = 0; row < side; ++row) {
    for (int column = 0; column < side; ++column) {
      const std::size_t i = std::size_t(row * side + column);
      coverage[i] = std::clamp(0.5f - distances[i] / pen.softness, 0.0f, 1.0f);
      mass += coverage[i];
      moment_x += coverage[i] * float(column);
      moment_y += coverage[i] * float(row);
    }
  }

  const int right = shift(moment_x, mass), down = shift(moment_y, mass);
  std::fill(pixels.begin(), pixels.end(), std::uint8_t(0));
  for (int row = std::max(0, -down); row < std::min(side, side - down); ++row) {
    for (int column = std::max(0, -right); column < std::min(side, side - right); ++column)
      pixels[std::size_t((row + down) * side + column + right)] =
          std::uint8_t(std::lround(255 * coverage[std::size_t(row * side + column)]));
  }
}

}  // namespace rnn
