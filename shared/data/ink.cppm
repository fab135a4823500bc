module;
#include <filesystem>
#include <vector>

/// The ink of the digit in a picture, told from paper, shadows, frames, lines and specks.
export module rnn.data.ink;

import rnn.data.components;
import rnn.data.paper;
import rnn.data.picture;
import rnn.data.plane;

export namespace rnn {

/// The ink of one digit, which is within `box`: `strength` is 0 on paper, about 1 in full ink, and 0 on everything that
/// does not belong to the digit.
struct Ink {
  Plane strength;
  Box box;
};

/// Finds the one digit in the picture. It is looked for twice: in all of the picture, made smaller where it is large,
/// and then around the place where it was found, with what is known by then of its size and its strokes. Throws
/// FileError, about `name`, where there is no digit or more than one.
Ink find_ink(const Picture& picture, const std::filesystem::path& name);

}  // namespace rnn

// What the implementation units share.
namespace rnn {

/// How much each pixel differs from the paper. 1 is from white paper to black ink, or from black paper to white ink:
/// ink that is darker than its paper takes a part of the light away, whatever light there is. Uneven paper is seen as
/// what is left when everything narrower than `size` pixels is gone.
Plane strength_of(const Tones& tones, const Paper& paper, int size);

/// A part of a picture in which a digit is looked for.
struct Page {
  Plane strength;        // of each pixel
  Plane smooth;          // the same with less noise
  float noise = 0;       // of `smooth`, standard deviation
  bool trimmed = false;  // to the digit's box: nothing else is there, and the digit touches the edge
  Box edge;              // where the picture ends; far outside of the plane where it goes on
};

Page page_of(const Tones& tones, const Paper& paper, int size, const Box& edge);

/// What hangs together in a mask of the page, and how strong it is on average.
struct Piece {
  int number;  // of the component
  Box box;
  int area;
  float strength;
  bool at_edge;  // of the picture
};

/// How much of the page a piece explains. Digits are rarely cut off; shadows and tables are.
double weight_of(const Piece& piece);

/// What is stronger than a threshold, without frames and without lines across the page.
Mask marks(const Page& page, float threshold);

/// All pieces of such a mask.
std::vector<Piece> pieces_of(const Components& parts, const Page& page);

/// The strength of the piece that explains most, among those that touch the box, and its threshold. Thresholds are
/// tried from high to low: a low one would join a black digit to its shadow, a high one would see nothing but the black
/// frame around a gray digit.
struct Level {
  float strength = 0, threshold = 0;
};
Level best_level(const Page& page, const Box& within);

/// A digit on a page.
struct Digit {
  Mask mask;      // its pixels
  Mask others;    // the pixels of everything else that is as strong
  Box box;        // empty where there is none
  int count = 0;  // of digits on the page, this one among them
};

/// The digit that explains most, among those that touch the box, from what is stronger than the threshold.
Digit digit_at(const Page& page, float threshold, float strength, const Box& within);

/// The width of the digit's strokes, in pixels.
double stroke_width(const Digit& digit);

/// The widest place of its ink, in pixels.
float widest_place(const Mask& mask);

/// Makes strokes wider or narrower that differ from all of MNIST's: a network has never seen such.
void fit_strokes(Ink& ink, const Digit& digit);

}  // namespace rnn
