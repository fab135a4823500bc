/// Which tone of a picture is its paper.
export module rnn.data.paper;

import rnn.base.std;
import rnn.data.components;
import rnn.data.plane;

export namespace rnn {

/// What can be said of the paper before any ink has been found.
struct Paper {
  bool brighter = true;  ///< than its ink
  bool even = false;     ///< its tone is the same everywhere: `tone`
  bool trimmed = false;  ///< the picture was cut to the ink's own box, and may hold more ink than paper
  float tone = 0;        ///< the median
  int widest = 0;        ///< width of the ink where it is widest, in pixels; 0 if it cannot be seen yet
  Box where;             ///< the whole picture, or the sheet within a thick frame or on a table
};

/// Tells paper from ink. In a picture of just two tones, the layout decides, as it does for people: the tone along the
/// picture's edge is paper, unless it surrounds a sheet of the other tone; if both tones reach the edge, and one of
/// them is a single piece from side to side and from top to bottom, the picture was trimmed to that piece. In all other
/// pictures, above all shaded ones, paper is what there is more of around each place.
Paper paper_of(const Plane& tone);

}  // namespace rnn

// What the implementation units share.
namespace rnn {

/// The two tones that a picture is split into.
struct Levels {
  float dark = 0, bright = 0, threshold = 0;
  bool only = false;  // hardly any pixel lies between or beyond them
  inline float contrast() const { return bright - dark; }
};

/// Source: N. Otsu, A threshold selection method from gray-level histograms, IEEE Transactions on Systems, Man, and
/// Cybernetics 9 (1979).
Levels levels_of(const Plane& tone, float noise);

/// The share of the picture's edge that the mask covers.
double share_of_edge(const Mask& mask);

/// The box of a sheet of paper with something on it, in the mask, which is not empty, and surrounded by its inverse; if
/// the sheet is turned, without its corners. An empty box if there is none.
Box sheet(const Mask& mask);

/// Whether the mask is one piece that touches all four edges without covering them, and does not divide the rest into
/// many pieces as a grid does.
bool is_trimmed(const Mask& mask);

}  // namespace rnn
