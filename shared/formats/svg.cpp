module;
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

module rnn.formats.svg;

namespace rnn {

std::string svg_text(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else {
      result += c;
    }
  }
  return result;
}

namespace {

constexpr double width = 720, panel_height = 260, left = 70, right = 20, top = 40, bottom = 50;
// Distinct for color-blind readers, and visible on white and on black.
constexpr const char* colors[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7"};

/// The numbers on one axis and their places in the image.
struct Axis {
  double least = std::numeric_limits<double>::infinity(), most = -std::numeric_limits<double>::infinity();
  double begin, end;  // in the image

  void include(double value) {
    if (!std::isfinite(value)) return;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  void finish() {
    if (least > most) least = 0, most = 1;
    // Numbers that differ in their last digits alone are one number, which is in the middle.
    const double alike = 1e-12 * std::abs(most);
    if (most - least > alike) return;
    const double half = std::max(0.5, alike);
    least -= half, most += half;
  }
  double place(double value) const { return begin + (value - least) / (most - least) * (end - begin); }
  std::vector<double> ticks() const {
    const double distance = tick_distance(least, most);
    std::vector<double> result;
    const double end = most + 1e-9 * distance;     // a tick is not left out for the last bit of its number
    double i = std::ceil(least / distance) + 0.0;  // and −0 is 0
    for (; i * distance <= end; ++i) result.push_back(i * distance);
    return result;
  }
};

std::string line(const Curve& curve, const Axis& x, const Axis& y, const char* color) {
  std::string path;
  bool gap = true;
  for (std::size_t i = 0; i < curve.x.size(); ++i) {
    if (!std::isfinite(curve.y[i])) {
      gap = true;
      continue;
    }
    path += fmt::format("{}{:.1f} {:.1f}", gap ? "M" : "L", x.place(curve.x[i]), y.place(curve.y[i]));
    gap = false;
  }
  return fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>\n", path, color);
}

std::string panel_svg(const Panel& panel, double offset) {
  Axis x{.begin = left, .end = width - right}, y{.begin = offset + panel_height - bottom, .end = offset + top};
  for (const Curve& curve : panel.curves) {
    if (curve.x.size() != curve.y.size()) {
      throw std::invalid_argument(
          fmt::format("to_svg: {} has {} x and {} y", curve.name, curve.x.size(), curve.y.size()));
    }
    for (const double value : curve.x) x.include(value);
    for (const double value : curve.y) y.include(value);
  }
  x.finish();
  y.finish();

  std::string svg =
      fmt::format("<text x=\"{}\" y=\"{}\" font-weight=\"bold\">{}</text>\n", left, offset + 24, svg_text(panel.title));
  for (const double tick : y.ticks()) {
    const double place = y.place(tick);
    svg += fmt::format("<path class=\"grid\" d=\"M{} {:.1f}H{}\"/>", left, place, width - right);
    svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:.6g}</text>\n", left - 8, place + 4, tick);
  }
  for (const double tick : x.ticks()) {
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.6g}</text>\n", x.place(tick),
                       y.begin + 18, tick);
  }
  svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", (x.begin + x.end) / 2, y.begin + 38,
                     svg_text(panel.x_axis));
  for (std::size_t i = 0; i < panel.curves.size(); ++i) {
    svg += line(panel.curves[i], x, y, colors[i % std::size(colors)]);
  }
  double key = width - right;  // the names, from the right to the left
  for (std::size_t i = panel.curves.size(); i-- > 0;) {
    const char* color = colors[i % std::size(colors)];
    svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\" style=\"fill:{}\">{}</text>\n", key, offset + 24,
                       color, svg_text(panel.curves[i].name));
    key -= 9.0 * double(panel.curves[i].name.size()) + 16;
  }
  return svg;
}

}  // namespace

double tick_distance(double least, double most) {
  const double rough = (most - least) / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

std::string svg_document(double wide, double high, const std::string& body, const std::string& style,
                         const std::string& dark_style) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
      "font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\">\n"
      "<style>text {{ fill: #222 }} .grid {{ stroke: #888; stroke-opacity: 0.35 }} .ground {{ fill: #fff }}{3}\n"
      "@media (prefers-color-scheme: dark) {{ text {{ fill: #ddd }} .ground {{ fill: #1b1b1f }}{4} }}</style>\n"
      "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n{2}</svg>\n",
      wide, high, body, style, dark_style);
}

std::string to_svg(const std::vector<Panel>& panels) {
  std::string body;
  for (std::size_t i = 0; i < panels.size(); ++i) body += panel_svg(panels[i], panel_height * double(i));
  return svg_document(width, panel_height * double(panels.size()), body);
}

}  // namespace rnn
