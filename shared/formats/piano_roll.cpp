module;
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>

module rnn.formats.piano_roll;

import rnn.base.text;
import rnn.data.melody;
import rnn.formats.svg;

namespace rnn {

namespace {

constexpr double width = 720, left = 44, right = 12, top = 44, gap = 26, key_height = 7;

/// Places in the drawing.
struct Layout {
  int lowest = highest_pitch, highest = lowest_pitch;
  std::uint64_t row_length;  // ticks
  std::uint64_t upbeat;      // ticks by which the first note is late in its bar

  explicit Layout(const Melody& melody) : row_length(4 * std::uint64_t(melody.meter.bar())), upbeat(0) {
    for (const Event& event : melody.events) {
      if (event.pitch == rest) continue;
      lowest = std::min(lowest, event.pitch);
      highest = std::max(highest, event.pitch);
    }
    if (lowest > highest) lowest = highest = 60;
    if (!melody.events.empty()) upbeat = melody.events[0].position;
  }
  double row_height() const { return (highest - lowest + 1) * key_height; }
  double top_of(std::uint64_t row) const { return top + double(row) * (row_height() + gap); }
  double y(std::uint64_t row, int pitch) const { return top_of(row) + (highest - pitch) * key_height; }
  double x(std::uint64_t in_row) const { return left + double(in_row) / double(row_length) * (width - left - right); }
};

std::string row_frame(const Layout& layout, const Melody& melody, std::uint64_t row) {
  std::string svg;
  const double above = layout.top_of(row), below = above + layout.row_height();
  for (int bar = 0; bar <= 4; ++bar) {
    svg += fmt::format("<path class=\"grid\" d=\"M{:.1f} {:.1f}V{:.1f}\"/>",
                       layout.x(bar * std::uint64_t(melody.meter.bar())), above, below);
  }
  svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", left, above - 5, 4 * row + 1);
  for (int pitch = layout.lowest; pitch <= layout.highest; ++pitch) {
    if (pitch % 12 != 0) continue;  // every C
    const double y = layout.y(row, pitch);
    svg += fmt::format("<path class=\"grid\" d=\"M{} {:.1f}H{}\"/>", left, y + key_height, width - right);
    svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", left - 6, y + key_height,
                       pitch_name(pitch));
  }
  return svg;
}

// A note that goes on into the next row is drawn in both.
std::string note_svg(const Layout& layout, std::uint64_t begin, std::uint64_t end, int pitch) {
  std::string svg;
  while (begin < end) {
    const std::uint64_t row = begin / layout.row_length, until = std::min(end, (row + 1) * layout.row_length);
    const double x = layout.x(begin - row * layout.row_length), wide = layout.x(until - row * layout.row_length) - x;
    svg += fmt::format("<rect class=\"note\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\" rx=\"2\"/>\n", x,
                       layout.y(row, pitch), std::max(wide - 1, 1.0), key_height);
    begin = until;
  }
  return svg;
}

}  // namespace

std::string format_piano_roll(const Melody& melody) {
  const Layout layout(melody);
  const std::uint64_t end = layout.upbeat + length_of(melody);
  const std::uint64_t rows = std::max<std::uint64_t>(1, (end + layout.row_length - 1) / layout.row_length);
  std::string body = fmt::format("<text x=\"{}\" y=\"16\" font-weight=\"bold\">{}</text>\n", left,
                                 svg_text(printable(shortened(melody.title, 80))));
  for (std::uint64_t row = 0; row < rows; ++row) body += row_frame(layout, melody, row);
  std::uint64_t now = layout.upbeat;
  for (const Event& event : melody.events) {
    if (event.pitch != rest) body += note_svg(layout, now, now + event.duration, event.pitch);
    now += event.duration;
  }
  return svg_document(width, layout.top_of(rows) - gap + 12, body, " .note { fill: #0072b2 }",
                      " .note { fill: #56b4e9 }");
}

}  // namespace rnn
