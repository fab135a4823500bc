module;
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

module rnn.console.terminal;

namespace rnn {

namespace {

// Escape sequences for the 256 colors that all of today's terminals know: 16 + 36·red + 6·green + blue is a cube of 6 ×
// 6 × 6, and 232 to 255 are grays.
constexpr std::string_view plain = "\x1b[0m";
std::string paint(Index foreground, Index background, std::string_view character) {
  return fmt::format("\x1b[38;5;{};48;5;{}m{}", foreground, background, character);
}

Index gray(std::uint8_t ink) { return 232 + Index(ink) * 23 / 255; }

/// From blue (−1) through white to red (1).
Index blue_to_red(double value) {
  const auto faded = Index(std::lround(5 * (1 - std::min(1.0, std::abs(value)))));
  return value < 0 ? 16 + 36 * faded + 6 * faded + 5 : 16 + 36 * 5 + 6 * faded + faded;
}

/// The shade for a number from 0 to 1.
std::string_view shade(double value) {
  constexpr std::string_view shades[] = {" ", "░", "▒", "▓", "█"};
  return shades[Index(std::lround(std::clamp(value, 0.0, 1.0) * double(std::size(shades) - 1)))];
}

}  // namespace

bool is_terminal(int stream) {
  const char* kind = std::getenv("TERM");
  return ::isatty(stream) && kind && std::string_view(kind) != "dumb";
}

bool is_colorful(int stream) {
  const char* unwanted = std::getenv("NO_COLOR");
  return is_terminal(stream) && !(unwanted && *unwanted);
}

Index columns_of(int stream) {
  winsize size{};
  const bool known = ::ioctl(stream, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

Drawing draw_image(std::span<const std::uint8_t> pixels, Index columns, bool color) {
  constexpr std::uint8_t strong = 96;
  constexpr std::string_view blocks[] = {" ", "▀", "▄", "█"};
  const Index rows = pixels.size() / columns;
  Drawing drawing{{}, columns};
  for (Index i = 0; i < rows; i += 2) {
    std::string line;
    for (Index j = 0; j < columns; ++j) {
      const std::uint8_t upper = pixels[i * columns + j], lower = i + 1 < rows ? pixels[(i + 1) * columns + j] : 0;
      if (color) {
        line += paint(gray(upper), gray(lower), blocks[1]);
      } else {
        line += blocks[(upper >= strong) + 2 * (lower >= strong)];
      }
    }
    drawing.lines.push_back(line + std::string(color ? plain : ""));
  }
  return drawing;
}

Drawing draw_ink(std::span<const std::uint8_t> pixels, Index columns, Index width, bool color) {
  const Index rows = pixels.size() / columns;
  const auto blank = [&](Index column) {
    for (Index i = 0; i < rows; ++i) {
      if (pixels[i * columns + column] > 0) return false;
    }
    return true;
  };
  Index left = 0, right = columns;
  while (right - left > width && (blank(left) || blank(right - 1))) blank(left) ? ++left : --right;
  std::vector<std::uint8_t> part;
  for (Index i = 0; i < rows; ++i) {
    const auto row = pixels.subspan(i * columns + left, right - left);
    part.insert(part.end(), row.begin(), row.end());
  }
  return draw_image(part, right - left, color);
}

std::string draw_row(std::span<const std::uint8_t> pixels, bool color) {
  std::string line;
  for (const std::uint8_t ink : pixels) {
    line += color ? paint(gray(ink), gray(ink), " ") : std::string(shade(double(ink) / 255));
  }
  return line + std::string(color ? plain : "");
}

std::string draw_numbers(ConstView row, Real limit, bool color) {
  const auto number = [&](Index j) { return double(row(0, j)) / double(limit); };
  std::string line;
  for (Index j = 0; j < row.columns; j += color ? 2 : 1) {
    if (color) {
      const Index left = blue_to_red(number(j));
      line += paint(left, j + 1 < row.columns ? blue_to_red(number(j + 1)) : left, "▌");
    } else {
      line += shade((number(j) + 1) / 2);
    }
  }
  return line + std::string(color ? plain : "");
}

std::vector<std::string> side_by_side(std::span<const Drawing> drawings) {
  Index height = 0;
  for (const Drawing& drawing : drawings) height = std::max(height, drawing.lines.size());
  std::vector<std::string> lines(height);
  for (Index i = 0; i < height; ++i) {
    for (const Drawing& drawing : drawings) {
      if (&drawing != drawings.data()) lines[i] += "  ";
      lines[i] += i < drawing.lines.size() ? drawing.lines[i] : std::string(drawing.width, ' ');
    }
    lines[i].erase(lines[i].find_last_not_of(' ') + 1);
  }
  return lines;
}

}  // namespace rnn
