/// Pictures in files.
export module rnn.formats.picture;

import rnn.base.std;
import rnn.data.picture;
import rnn.linalg.matrix;

export namespace rnn {

/// The most pixels of a picture: those of a phone's largest. More are refused before memory for them is asked for.
constexpr Index most_pixels = 100'000'000;

/// The picture in a PNG file of any kind (gray, color, palette, 1 to 16 bits, interlaced, with transparency) or in a
/// PGM file (P2 or P5, at most 65535 levels), a byte for each value. Memory is asked for once the file is known to hold
/// enough bytes for that many pixels. Throws FileError when the file cannot be read, is cut short, is something else,
/// has no pixel or too many.
Picture read_picture(const std::filesystem::path& path);

/// The same from bytes; `name` stands for the path in messages.
Picture parse_picture(std::string_view bytes, const std::filesystem::path& name);

}  // namespace rnn

// What the implementation units share.
namespace rnn {

/// Throws FileError unless there is at least one pixel, and at most most_pixels.
void require_size(std::uint64_t rows, std::uint64_t columns, const std::filesystem::path& name);

Picture parse_png(std::string_view bytes, const std::filesystem::path& name);
Picture parse_pgm(std::string_view bytes, const std::filesystem::path& name);

/// The most bytes that a file which begins so may have. Throw FileError where the sizes in it are too large.
std::size_t largest_png(std::string_view beginning, const std::filesystem::path& name);
std::size_t largest_pgm(std::string_view beginning, const std::filesystem::path& name);

}  // namespace rnn
