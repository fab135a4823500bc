/// Finds the digit in a picture: separates its ink from paper, shadows, frames, lines and specks.
export module rnn.data.ink;

import rnn.base.std;
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

/// Finds the one digit in the picture, in two passes: in the whole picture, reduced if it is large; then close up
/// around the place found, where the size of the digit and the width of its strokes are known. Throws FileError, about
/// `name`, if there is no digit or more than one.
Ink find_ink(const Picture& picture, const std::filesystem::path& name);

}  // namespace rnn

// What the implementation units share.
namespace rnn {

/// How much each pixel differs from the paper under it. 1 is black ink on white paper, or white ink on black paper.
/// Dark ink absorbs a share of the light, so the difference is divided by the light there is; that undoes shadows.
/// Uneven paper is estimated as what is left when everything narrower than `size` pixels is erased.
Plane strength_of(const Tones& tones, const Paper& paper, int size);

/// A part of a picture in which a digit is looked for.
struct Page {
  Plane strength;        // of each pixel
  Plane smooth;          // the same, with less noise
  float noise = 0;       // standard deviation of the noise in `smooth`
  bool trimmed = false;  // to the digit's box: there is nothing else, and the digit touches the edges
  Box edge;              // where the picture ends; far outside the plane on sides where it goes on
};

Page page_of(const Tones& tones, const Paper& paper, int size, const Box& edge);

/// A connected component of a mask of the page, and its mean strength.
struct Piece {
  int number;  // of the component
  Box box;
  int area;
  float strength;
  bool at_edge;  // of the picture
};

/// How much a piece stands out. One that the picture's edge cuts off counts less: shadows and tables are, digits
/// rarely.
double weight_of(const Piece& piece);

/// The pixels stronger than a threshold, without frames and lines across the page.
Mask marks(const Page& page, float threshold);

/// The pieces of such a mask.
std::vector<Piece> pieces_of(const Components& parts, const Page& page);

/// The strength of the piece that stands out most, among those that touch the box; 0 if there is none. Thresholds are
/// tried from high to low: a low one would join a black digit to its shadow, a high one would see only the black frame
/// around a gray digit.
float best_strength(const Page& page, const Box& within);

/// A digit on a page.
struct Digit {
  Mask mask;      // its pixels
  Mask others;    // the pixels of everything else that is as strong
  Box box;        // empty where there is none
  int count = 0;  // of digits on the page, this one among them
};

/// The digit that stands out most among those that touch the box, made of what is stronger than the threshold.
Digit digit_at(const Page& page, float threshold, float strength, const Box& within);

/// The width of the digit's strokes, in pixels.
double stroke_width(const Digit& digit);

/// The width of the mask where it is widest, in pixels.
float widest_place(const Mask& mask);

/// Widens or narrows strokes that are thinner or thicker than any in MNIST: a network has never seen such.
void fit_strokes(Ink& ink, const Digit& digit);

}  // namespace rnn
