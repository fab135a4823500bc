module;
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

module rnn.data.handwriting;

namespace rnn {

namespace {

constexpr float pi = std::numbers::pi_v<float>;

float distance(const ControlPoint& a, const ControlPoint& b) { return std::hypot(a.x - b.x, a.y - b.y); }

/// No hand hits the point that it aims at. Points that are close together, as on a small arc, err less; otherwise the
/// arc would crumple.
void shake(Stroke& stroke, Dice& dice) {
  const Stroke aim = stroke;
  for (std::size_t i = 0; i < stroke.size(); ++i) {
    float nearest = 0.3f;
    if (i > 0) nearest = std::min(nearest, distance(aim[i], aim[i - 1]));
    if (i + 1 < stroke.size()) nearest = std::min(nearest, distance(aim[i], aim[i + 1]));
    const float deviation = 0.035f * (nearest / 0.3f);
    stroke[i].x += dice.normal(0, deviation);
    stroke[i].y += dice.normal(0, deviation);
  }
}

/// The smooth curve through all control points (Catmull-Rom: at each point it runs parallel to the line between its
/// neighbors).
Path smooth(const Stroke& stroke) {
  Path path;
  for (std::size_t i = 0; i + 1 < stroke.size(); ++i) {
    const ControlPoint &from = stroke[i], &to = stroke[i + 1];
    // An end or a corner has no neighbor beyond it: the point itself takes the neighbor's place.
    const ControlPoint& before = i == 0 || from.sharp ? from : stroke[i - 1];
    const ControlPoint& after = i + 2 == stroke.size() || to.sharp ? to : stroke[i + 2];
    const auto between = [](float p0, float p1, float p2, float p3, float t) {
      return p1 + t / 2 * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)));
    };
    const int pieces = 1 + int(distance(from, to) / 0.06f);
    for (int k = i == 0 ? 0 : 1; k <= pieces; ++k) {
      const float t = float(k) / float(pieces);
      path.push_back({between(before.x, from.x, to.x, after.x, t), between(before.y, from.y, to.y, after.y, t)});
    }
  }
  return path;
}

/// The plane of the paper as this writer holds it: slanted, turned, stretched, and a little wavy.
class Bend {
 public:
  explicit Bend(Dice& dice)
      : slant_(dice.normal(0.18f, 0.28f)), angle_(dice.normal(0, 7 * pi / 180)), stretch_(dice.normal(0, 0.2f)) {
    for (Wave& wave : waves_) {
      const float direction = dice.uniform(0, 2 * pi);
      const float turns = dice.uniform(2, 7);
      wave = {turns * std::cos(direction), turns * std::sin(direction), dice.uniform(0, 2 * pi), dice.normal(0, 0.05f),
              dice.normal(0, 0.05f)};
    }
  }

  Point operator()(Point p) const {
    Point bent = p;
    for (const Wave& wave : waves_) {
      const float height = std::sin(wave.along_x * p.x + wave.along_y * p.y + wave.phase);
      bent.x += wave.x * height;
      bent.y += wave.y * height;
    }
    const float y = bent.y - 0.5f;
    const float x = bent.x * std::exp(stretch_) - slant_ * y;
    return {x * std::cos(angle_) - y * std::sin(angle_), x * std::sin(angle_) + y * std::cos(angle_)};
  }

 private:
  struct Wave {
    float along_x, along_y, phase;  // how fast it swings along x and y, in radians per glyph height
    float x, y;                     // how far it moves a point
  };

  float slant_;    // x gained for each y toward the top
  float angle_;    // radians
  float stretch_;  // logarithm of width over height
  std::array<Wave, 3> waves_;
};

}  // namespace

Stroke joined(Stroke first, const Stroke& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

Stroke arc(float x, float y, float half_width, float half_height, float from, float to) {
  const int pieces = 1 + int(std::abs(to - from) / 35);
  Stroke stroke;
  for (int i = 0; i <= pieces; ++i) {
    const float angle = (from + (to - from) * float(i) / float(pieces)) * pi / 180;
    stroke.push_back({x + half_width * std::cos(angle), y + half_height * std::sin(angle)});
  }
  return stroke;
}

std::vector<Path> handwriting(Strokes strokes, Dice& dice) {
  const Bend bend(dice);
  std::vector<Path> paths;
  for (Stroke& stroke : strokes) {
    shake(stroke, dice);
    paths.push_back(smooth(stroke));
    for (Point& point : paths.back()) point = bend(point);
  }
  return paths;
}

}  // namespace rnn
