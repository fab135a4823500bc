/// Gray images with labels, as data sets.
export module rnn.data.images;

import rnn.base.std;
import rnn.linalg.matrix;

export namespace rnn {

/// Gray images, one byte a pixel, 0 paper to 255 ink: pixel (i, j) of image k is
/// pixels[(k * rows + i) * columns + j].
struct Images {
  Index count = 0;
  Index rows = 0;
  Index columns = 0;
  std::vector<std::uint8_t> pixels;
};

/// The pixels of one image.
inline std::span<const std::uint8_t> pixels_of(const Images& images, Index which) {
  const Index size = images.rows * images.columns;
  return std::span(images.pixels).subspan(which * size, size);
}

/// How an image becomes a sequence.
struct ImageSteps {
  bool pixels = false;  // a time step is one pixel, as one reads: from left to right, then the next row; else a row
  Index shrink = 1;     // before that each block of shrink × shrink pixels becomes one, their mean

  friend bool operator==(const ImageSteps&, const ImageSteps&) = default;
};

/// Whether images of this size can be cut into whole blocks of shrink × shrink pixels.
bool can_be_cut(const Images& images, const ImageSteps& how);

/// Time steps of an image's sequence, and features of a step.
struct SequenceSize {
  Index steps, features;
};
/// Throws std::invalid_argument unless they can be cut.
SequenceSize sequence_size(const Images& images, const ImageSteps& how);

/// Images and, for each, the digit that it shows.
struct Dataset {
  Images images;
  std::vector<std::uint8_t> labels;

  inline Index size() const { return labels.size(); }
};

/// The images for training, for choosing settings, and for the final test.
struct Splits {
  Dataset train;
  Dataset validation;
  Dataset test;
  std::string source;                             ///< in words, for messages
  std::vector<std::string> notes = {};            ///< what else a person should know about their origin, one line each
  std::vector<std::filesystem::path> files = {};  ///< those that they were read from, or might have been
};

/// The data's fingerprint, in hexadecimal digits: other images or labels hardly ever have the same one.
std::string fingerprint(const Dataset& data);

/// Moves the first `count` examples of `from` into a set of their own. Throws std::invalid_argument when there are
/// fewer.
Dataset take_first(Dataset& from, Index count);

}  // namespace rnn
