module;
#include <vector>

/// Which tone of a picture is its paper.
export module rnn.data.paper;

import rnn.data.plane;

export namespace rnn {

/// What can be said of the paper before any ink has been found.
struct Paper {
  bool brighter = true;  ///< than its ink
  bool even = false;     ///< the same tone everywhere: what `tone` says
  bool trimmed = false;  ///< the picture was cut to the ink's own box, and there may be more ink than paper
  float tone = 0;        ///< of most of the paper
  int widest = 0;        ///< ink, pixels, where that can be seen already; 0 where not
  Box where;             ///< all of the picture, or what lies within a thick frame or on a table
};

/// Tells paper from ink. Where a picture has but two tones (N. Otsu, A threshold selection method from gray-level
/// histograms, IEEE Transactions on Systems, Man, and Cybernetics 9, 1979), how they lie tells it, as it tells people:
/// the tone around the picture is paper, unless it frames a sheet of the other tone; where both tones reach the
/// picture's edge, and one of them hangs together in one piece from side to side and from top to bottom, the picture
/// was trimmed to this piece. In all other pictures, shaded ones above all, paper is what there is more of around each
/// place.
Paper paper_of(const Plane& tone);

}  // namespace rnn
