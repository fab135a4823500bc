/// Curves as a drawing, for people who have no other tool at hand.
export module rnn.formats.svg;

import rnn.base.std;

export namespace rnn {

/// One curve: y over x, both of the same length.
struct Curve {
  std::string name;
  std::vector<double> x, y;
};

/// A frame with axes and its curves. A y that is not finite leaves a gap.
struct Panel {
  std::string title;
  std::string x_axis;
  std::vector<Curve> curves;
};

/// The panels, one below the other, as an SVG image that reads well on light and on dark backgrounds. Throws
/// std::invalid_argument for a curve whose x and y differ in length.
std::string to_svg(const std::vector<Panel>& panels);

/// A drawing of this size, with a ground that is light or dark as the reader's screen is. `style` and `dark_style` are
/// rules of CSS besides those for text, "grid" lines and "ground".
std::string svg_document(double wide, double high, const std::string& body, const std::string& style = "",
                         const std::string& dark_style = "");

/// Text as it stands in an SVG file.
std::string svg_text(const std::string& text);

/// Steps between the labels of an axis from `least` to `most`: 1, 2 or 5 times a power of ten, at most six of them.
double tick_distance(double least, double most);

}  // namespace rnn
