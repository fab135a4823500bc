module;
#include <vector>

/// Which tone of a picture is its paper.
export module rnn.data.paper;

import rnn.data.components;
import rnn.data.plane;

export namespace rnn {

/// What can be said of the paper before any ink has been found.
struct Paper {
  bool brighter = true;  ///< than its ink
  bool even = false;     ///< the same tone everywhere: `tone`
  bool trimmed = false;  ///< the picture was cut to the ink's own box, and there may be more ink than paper
  float tone = 0;        ///< of most of the paper
  int widest = 0;        ///< place of its ink, in pixels, where that can be seen already; otherwise 0
  Box where;             ///< all of the picture, or what lies within a thick frame or on a table
};

/// Tells paper from ink. Where a picture has but two tones, how they lie tells it, as it tells people: the tone around
/// the picture is paper, unless it surrounds a sheet of the other tone; where both tones reach the picture's edge, and
/// one of them is a single piece from side to side and from top to bottom, the picture was trimmed to this piece. In
/// all other pictures, shaded ones above all, paper is what there is more of around each place.
Paper paper_of(const Plane& tone);

}  // namespace rnn

// What the implementation units share.
namespace rnn {

/// The two tones that a picture falls into.
struct Levels {
  float dark = 0, bright = 0, threshold = 0;
  bool only = false;  // hardly any pixel is between them or beyond them
  inline float contrast() const { return bright - dark; }
};

/// Source: N. Otsu, A threshold selection method from gray-level histograms, IEEE Transactions on Systems, Man, and
/// Cybernetics 9 (1979).
Levels levels_of(const Plane& tone, float noise);

/// How much of the picture's edge the mask has.
double share_of_edge(const Mask& mask);

/// The box of a sheet of paper, with something on it, that the mask has and that lies within what it has not; without
/// the corners of a turned sheet. An empty box where there is none.
Box sheet(const Mask& mask);

/// Whether the mask is one piece that touches all four edges, without covering them, and does not cut the rest into
/// the many pieces of a grid.
bool is_trimmed(const Mask& mask);

}  // namespace rnn
