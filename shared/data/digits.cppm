module;
#include <boost/random/mersenne_twister.hpp>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

/// The built-in digits: handwriting that the program makes itself, for machines without MNIST. Ten digits, each in
/// several ways of writing it, drawn with a pen of random softness, slant and shake, and placed as in MNIST.
export module rnn.data.digits;

import rnn.data.images;
import rnn.linalg.matrix;

export namespace rnn {

/// `count` drawn digits (28 × 28) with their labels: digits number first, first + 1, … of the endless series that
/// `seed` begins. Number n shows n mod 10. Each depends only on (seed, n), so neither `count` nor `threads` (0: one for
/// each core) changes a pixel.
Dataset draw_digits(Index count, std::uint32_t seed, Index first = 0, unsigned threads = 0);

/// How many digits there are for training, the same as in MNIST.
constexpr Index training_digits = 60000;

/// The built-in digits in MNIST's sizes: 60,000, of which the first `validation_size` are for validation, and 10,000
/// for testing. Throws std::invalid_argument when `validation_size` leaves nothing for training.
Splits draw_splits(std::uint32_t seed, Index validation_size = 5000);

/// Only the test images of draw_splits.
Dataset draw_test_digits(std::uint32_t seed);

}  // namespace rnn

// What the implementation units share. It is not exported, so no importer sees it.
namespace rnn {

/// A place on the paper. A glyph is 1 high, from y = 0 at its top to y = 1 at its foot, and centered on x = 0.
struct Point {
  float x = 0, y = 0;
};

/// A point that the pen passes through, either smoothly or (sharp) turning a corner.
struct ControlPoint {
  float x = 0, y = 0;
  bool sharp = false;
};
constexpr bool sharp = true;

/// What the pen writes between touching the paper and leaving it.
using Stroke = std::vector<ControlPoint>;
using Strokes = std::vector<Stroke>;

/// The same path in small straight pieces.
using Path = std::vector<Point>;

/// The random choices of one digit.
class Dice {
 public:
  Dice(std::uint32_t seed, Index number);
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
void render(std::vector<Path> paths, Dice& dice, std::span<std::uint8_t> pixels);

}  // namespace rnn
