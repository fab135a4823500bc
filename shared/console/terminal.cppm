/// Images and numbers drawn with characters.
export module rnn.console.terminal;

import rnn.base.std;
import rnn.linalg.matrix;

export namespace rnn {

/// Lines of text, one below the other, each of the same width.
struct Drawing {
  std::vector<std::string> lines;
  Index width = 0;  // characters; colors take none
};

/// True when what is written to this stream (1 stdout, 2 stderr) is seen on a terminal that can move its cursor.
bool is_terminal(int stream);
/// True when it may be colored too: NO_COLOR is not set.
bool is_colorful(int stream);

/// How many characters fit on one of its lines; 80 if unknown. Changes when the window does.
Index columns_of(int stream);

/// An image of so many columns, 0 paper to 255 ink, two rows to a line: in grays, or without color as blocks where
/// the ink is strong.
Drawing draw_image(std::span<const std::uint8_t> pixels, Index columns, bool color);

/// The same without blank columns at its sides, as long as it stays `width` wide.
Drawing draw_ink(std::span<const std::uint8_t> pixels, Index columns, Index width, bool color);

/// A single row of an image on a line of its own: in grays, or without color in four shades.
std::string draw_row(std::span<const std::uint8_t> pixels, bool color);

/// A row of numbers on a line. With color two numbers to a character, from blue (−limit) through white to red (limit);
/// without, one number to a character, in five shades from a blank (−limit) to a full block (limit).
std::string draw_numbers(ConstView row, Real limit, bool color);

/// Drawings side by side, as lines, two blanks between them; blanks at the end of a line are left out.
std::vector<std::string> side_by_side(std::span<const Drawing> drawings);

}  // namespace rnn
