module;
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

/// Pictures from anywhere, and how one of them becomes an image like those of MNIST.
export module rnn.formats.picture;

import rnn.data.images;
import rnn.linalg.matrix;

export namespace rnn {

/// A gray picture: the brightness of pixel (i, j) is brightness[i * columns + j], 0 black to 255 white.
struct Picture {
  Index rows = 0;
  Index columns = 0;
  std::vector<std::uint8_t> brightness;
};

/// The most pixels of a picture. More are refused before memory for them is asked for.
constexpr Index most_pixels = Index(1) << 24;

/// The picture in a PNG file of any kind (gray, color, palette, 1 to 16 bits, interlaced, with transparency) or in a
/// PGM file (P2 or P5, at most 65535 levels). Colors become their luminance; under what is transparent lies the paper.
/// Throws FileError when the file cannot be read, is cut short, is something else, has no pixel or too many.
Picture read_picture(const std::filesystem::path& path);

/// The same from bytes; `name` stands for the path in messages.
Picture parse_picture(std::string_view bytes, const std::filesystem::path& name);

/// One image of 28 × 28 pixels, 0 paper to 255 ink, made as MNIST's were: what differs from the paper is the ink,
/// whichever is brighter; it is cut out, scaled so that its longer side is 20 pixels, each the mean of the area that it
/// covers, and moved so that its center of mass falls on the pixel (14, 14). The strongest ink becomes 255. The
/// paper is what most of the picture's edge is. Throws FileError, about `name`, where there is no ink.
/// Source: the description of how MNIST was made on Yann LeCun's page.
Images as_mnist(const Picture& picture, const std::filesystem::path& name);

}  // namespace rnn

// What the implementation units share.
namespace rnn {

/// Throws FileError unless there is at least one pixel, and at most most_pixels.
void require_size(std::uint64_t rows, std::uint64_t columns, const std::filesystem::path& name);

Picture parse_png(std::string_view bytes, const std::filesystem::path& name);
Picture parse_pgm(std::string_view bytes, const std::filesystem::path& name);

}  // namespace rnn
