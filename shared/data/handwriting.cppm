module;
#include <boost/random/mersenne_twister.hpp>

/// One digit as a hand writes it: the paths of a pen that shakes, slants and swells, and the ink that it leaves.
export module rnn.data.handwriting;

import rnn.base.std;

export namespace rnn {

/// A place on the paper. A glyph is 1 high, from y = 0 at its top to y = 1 at its foot, and centered on x = 0.
struct Point {
  float x = 0, y = 0;
};

/// What the pen writes between touching the paper and leaving it, in small straight pieces.
using Path = std::vector<Point>;

/// The paths of digit number `number` of the endless series that `seed` begins. It shows number mod 10.
std::vector<Path> write_digit(std::size_t number, std::uint32_t seed);

/// The same digit in ink, placed as in MNIST: 28 × 28 pixels, 0 paper to 255 ink, whatever they were before.
void draw_digit(std::size_t number, std::uint32_t seed, std::span<std::uint8_t, 28 * 28> pixels);

}  // namespace rnn

// What the implementation units share. It is not exported, so no importer sees it.
namespace rnn {

/// A point that the pen passes through, either smoothly or (sharp) turning a corner.
struct ControlPoint {
  float x = 0, y = 0;
  bool sharp = false;
};
constexpr bool sharp = true;

/// What the pen aims at on its way.
using Stroke = std::vector<ControlPoint>;
using Strokes = std::vector<Stroke>;

/// The random choices of one digit.
class Dice {
 public:
  Dice(std::uint32_t seed, std::size_t number);
  float uniform(float low, float high);
  float normal(float mean, float deviation);
  /// Index i with a probability of weights[i] / sum of the weights.
  int pick(std::initializer_list<int> weights);

 private:
  boost::random::mt19937 engine_;
};

/// Joins strokes without lifting the pen.
Stroke joined(Stroke first, const Stroke& second);

/// Part of an ellipse about (x, y), from one angle to another in degrees: 0 right, 90 foot, 180 left, 270 top.
Stroke arc(float x, float y, float half_width, float half_height, float from, float to);

/// One way of writing each digit, chosen by the dice: skeletons_0_to_4.cpp and skeletons_5_to_9.cpp.
Strokes zero(Dice& dice);
Strokes one(Dice& dice);
Strokes two(Dice& dice);
Strokes three(Dice& dice);
Strokes four(Dice& dice);
Strokes five(Dice& dice);
Strokes six(Dice& dice);
Strokes seven(Dice& dice);
Strokes eight(Dice& dice);
Strokes nine(Dice& dice);

/// The strokes as a hand writes them, shaken, slanted, turned and warped: strokes.cpp.
std::vector<Path> handwriting(Strokes strokes, Dice& dice);

/// The paths in ink, fitted into 20 × 20 pixels and shifted so that the center of mass of the ink falls on the pixel
/// (14, 14) of 28 × 28, as MNIST was made: rendering.cpp.
void render(std::vector<Path> paths, Dice& dice, std::span<std::uint8_t, 28 * 28> pixels);

}  // namespace rnn
