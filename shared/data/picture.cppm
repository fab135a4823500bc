/// Pictures as files store them, and how they become planes of numbers.
export module rnn.data.picture;

import rnn.base.std;
import rnn.linalg.matrix;
import rnn.data.plane;

export namespace rnn {

/// A picture: pixel (i, j) is the bytes that begin at values[(i * columns + j) * channels]. They are 1 gray, 2 gray and
/// opacity, 3 red, green and blue, or 4 these and opacity; 0 is black or transparent, 255 white or opaque.
struct Picture {
  Index rows = 0;
  Index columns = 0;
  std::vector<std::uint8_t> values;
  Index channels = 1;
};

/// A reduced part of a picture: a plane for each color, 0 to 255, and the opacity, 0 to 1.
struct Reduced {
  std::vector<Plane> colors;
  Plane opacity;  ///< empty for a picture without opacity
};

/// The part `from` of the picture; each pixel is the mean of factor × factor pixels. A color counts by its opacity.
Reduced reduce(const Picture& picture, const Box& from, int factor);

/// A part of a picture as one number per pixel, chosen so that ink and paper differ most: the brightness of a gray
/// picture; in a color picture, the direction in color space along which pixels differ most from their surroundings
/// (the first principal component), so that red ink shows on green paper of the same brightness. What is transparent
/// becomes paper. Source: K. Pearson, On lines and planes of closest fit to systems of points in space, Philosophical
/// Magazine 2 (1901).
struct Tones {
  Plane tone;        ///< −255 to 255
  Plane brightness;  ///< 0 to 255
};
Tones tones_of(const Picture& picture, const Box& from, int factor);

}  // namespace rnn
