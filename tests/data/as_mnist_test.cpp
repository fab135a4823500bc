#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "../support/canvas.hpp"

import rnn.data.as_mnist;
import rnn.data.digits;
import rnn.data.images;
import rnn.data.picture;
import rnn.formats.picture;
import rnn.linalg.matrix;

using namespace rnn;
using namespace rnn::testing;

namespace {

std::vector<std::uint8_t> image(const Dataset& set, Index i) {
  const auto begin = set.images.pixels.begin() + std::ptrdiff_t(i * 784);
  return {begin, begin + 784};
}

/// An image of MNIST's size in the middle of a larger picture: each pixel `scale` wide, `left` and `top` pixels of
/// paper before it and some after it, the ink so dark on so bright a paper.
Picture photograph(const std::vector<std::uint8_t>& pixels, Index scale, Index top, Index left, int paper, int ink) {
  Picture result{28 * scale + top + 3, 28 * scale + left + 5, {}};
  result.values.assign(result.rows * result.columns, std::uint8_t(paper));
  for (Index i = 0; i < 28 * scale; ++i) {
    for (Index j = 0; j < 28 * scale; ++j) {
      const int strength = pixels[i / scale * 28 + j / scale];
      result.values[(top + i) * result.columns + left + j] = std::uint8_t(paper + (ink - paper) * strength / 255);
    }
  }
  return result;
}

const std::string hook_as_text =
    "P2 8 10 1  1 1 1 1 1 1 1 1  1 0 0 0 0 0 1 1  1 1 1 1 1 0 1 1  1 1 1 1 0 1 1 1  1 1 1 1 0 1 1 1  "
    "1 1 1 0 1 1 1 1  1 1 1 0 1 1 1 1  1 1 0 1 1 1 1 1  1 1 1 1 1 1 1 1  1 1 1 1 1 1 1 1";

}  // namespace

BOOST_AUTO_TEST_CASE(a_hook_is_cut_out_scaled_and_centered) {
  // 5 × 7 pixels of ink: the longer side becomes 20, a pixel 20 / 7 = 2.86 of ours.
  const Images hook = as_mnist(parse_picture(hook_as_text, "hook"), "hook");
  BOOST_TEST(hook.count == 1u);
  BOOST_TEST(hook.rows == 28u);
  BOOST_TEST(hook.columns == 28u);
  Index top = 28, bottom = 0, left = 28, right = 0;
  double mass = 0, x = 0, y = 0;
  for (Index i = 0; i < 28; ++i) {
    for (Index j = 0; j < 28; ++j) {
      const double ink = hook.pixels[i * 28 + j];
      if (ink == 0) continue;
      top = std::min(top, i), bottom = std::max(bottom, i), left = std::min(left, j), right = std::max(right, j);
      mass += ink, x += ink * double(j), y += ink * double(i);
    }
  }
  BOOST_TEST(bottom - top + 1 == 20u);
  BOOST_TEST(right - left + 1 == 15u);  // 5 · 20 / 7 = 14.3
  BOOST_TEST(std::abs(x / mass - 14) <= 0.5);
  BOOST_TEST(std::abs(y / mass - 14) <= 0.5);
  // The bar on top is one pixel high: two full rows, and 0.86 of a third.
  BOOST_TEST(int(hook.pixels[top * 28 + left]) == 255);
  BOOST_TEST(int(hook.pixels[(top + 1) * 28 + left]) == 255);
  BOOST_TEST(int(hook.pixels[(top + 2) * 28 + left]) == 219);
  BOOST_TEST(int(hook.pixels[(top + 3) * 28 + left]) == 0);
}

BOOST_AUTO_TEST_CASE(an_image_like_mnists_comes_back_as_it_was) {
  const Dataset digits = draw_digits(200, 1);
  int same = 0;
  for (Index i = 0; i < digits.size(); ++i) {
    const std::vector<std::uint8_t> was = image(digits, i);
    const Picture bright{28, 28, was};
    Picture dark = bright;
    for (std::uint8_t& value : dark.values) value = std::uint8_t(255 - value);
    const Images from_bright = as_mnist(bright, "bright");
    BOOST_TEST((as_mnist(dark, "dark").pixels == from_bright.pixels));
    same += difference(was, from_bright.pixels) < 0.02;
  }
  BOOST_TEST(same > 150, same << " of 200");  // the others were not 20 pixels long
}

BOOST_AUTO_TEST_CASE(size_place_and_contrast_of_a_picture_change_little) {
  const Dataset digits = draw_digits(8, 2);
  for (const auto& [paper, ink] : {std::pair(255, 0), std::pair(230, 60), std::pair(10, 200)}) {
    double worst = 0, mean = 0;
    for (Index i = 0; i < digits.size(); ++i) {
      const std::vector<std::uint8_t> once = as_mnist({28, 28, image(digits, i)}, "once").pixels;
      for (const auto& [scale, top, left] : {std::array<Index, 3>{1, 9, 0}, {3, 0, 40}, {11, 100, 7}}) {
        const Picture larger = photograph(image(digits, i), scale, top, left, paper, ink);
        const double away = difference(once, as_mnist(larger, "larger").pixels);
        worst = std::max(worst, away);
        mean += away / (3.0 * double(digits.size()));
      }
    }
    BOOST_TEST(mean < 0.05, "paper " << paper << ": " << mean);
    BOOST_TEST(worst < 0.3, "paper " << paper << ": " << worst);
  }
}

BOOST_AUTO_TEST_CASE(uneven_paper_is_not_ink) {
  const Dataset digits = draw_digits(20, 3);
  double mean = 0;
  for (Index i = 0; i < digits.size(); ++i) {
    Picture rough = photograph(image(digits, i), 8, 20, 30, 200, 20);
    for (Index p = 0; p < rough.values.size(); ++p) {
      rough.values[p] = std::uint8_t(rough.values[p] + int(p * 2654435761u % 25) - 12);
    }
    mean += difference(as_mnist({28, 28, image(digits, i)}, "once").pixels, as_mnist(rough, "rough").pixels) / 20;
  }
  BOOST_TEST(mean < 0.12, mean);
}

BOOST_AUTO_TEST_CASE(what_is_heavy_at_one_end_is_not_pushed_out_at_the_other) {
  std::string pgm = "P2 24 9 9 ";  // a bar on the left, and a thin line from it to the right
  for (int i = 0; i < 9; ++i) {
    for (int j = 0; j < 24; ++j) pgm += (j > 1 && j < 5) || (i == 4 && j > 1 && j < 22) ? "0 " : "9 ";
  }
  const Images made = as_mnist(parse_picture(pgm, "F"), "F");
  double ink = 0;
  for (const std::uint8_t pixel : made.pixels) ink += pixel / 255.0;
  BOOST_TEST(std::abs(ink - (3 * 9 + 17)) < 1e-9);
  // The center of mass would be 5 pixels from the left of 20; the last column of the image is as far as it can go.
  for (Index i = 0; i < 28; ++i) BOOST_TEST(int(made.pixels[i * 28 + 7]) + int(made.pixels[i * 28]) == 0);
  BOOST_TEST(int(made.pixels[14 * 28 + 8]) == 255);
  BOOST_TEST(int(made.pixels[14 * 28 + 27]) == 255);
}

BOOST_AUTO_TEST_CASE(a_single_pixel_and_a_thin_line_are_ink_too) {
  const auto extent = [](const std::string& pgm) {
    const Images made = as_mnist(parse_picture(pgm, "F"), "F");
    std::set<Index> rows, columns;
    for (Index p = 0; p < 784; ++p) {
      if (made.pixels[p] == 255) rows.insert(p / 28), columns.insert(p % 28);
    }
    return std::pair(rows.size(), columns.size());
  };
  BOOST_TEST((extent("P2 3 3 9  9 9 9  9 0 9  9 9 9") == std::pair<Index, Index>(20, 20)));
  std::string line = "P2 3 100 9 ";
  for (int i = 0; i < 100; ++i) line += i > 10 && i < 91 ? "9 0 9 " : "9 9 9 ";  // 80 pixels long, 1 wide
  BOOST_TEST((extent(line) == std::pair<Index, Index>(20, 1)));
}

namespace {

/// A bar of black ink on white paper, without a corner of so many pixels, and gray beyond it to the right and below.
Picture bar(int height, int width, int corner, int beyond) {
  Picture picture{120, 120, std::vector<std::uint8_t>(120 * 120, 255)};
  for (int i = 30; i < 32 + height; ++i) {
    for (int j = 40; j < 42 + width; ++j) {
      const bool ink = i < 30 + height && j < 40 + width && !(i < 30 + corner && j < 40 + corner);
      picture.values[Index(i * 120 + j)] = std::uint8_t(ink ? 0 : i < 30 + corner && j < 40 + corner ? 255 : beyond);
    }
  }
  return picture;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_center_of_mass_between_two_pixels_belongs_to_the_upper_left_one) {
  // 4 x 20 pixels, made of 12 x 60: their center is half a pixel before the middle of two of them.
  const auto first = [](const Picture& picture) {
    const Images image = as_mnist(picture, "F");
    Index row = 28, column = 28;
    for (Index p = 0; p < 784; ++p) {
      if (image.pixels[p] == 255) row = std::min(row, p / 28), column = std::min(column, p % 28);
    }
    return std::pair(row, column);
  };
  BOOST_TEST((first(bar(60, 12, 0, 255)) == std::pair<Index, Index>(5, 13)));
  BOOST_TEST((first(bar(60, 12, 3, 255)) == std::pair<Index, Index>(4, 12)));  // a little further right and down
  BOOST_TEST((first(bar(12, 60, 0, 255)) == std::pair<Index, Index>(13, 5)));
  BOOST_TEST((first(bar(12, 60, 3, 255)) == std::pair<Index, Index>(12, 4)));
}

BOOST_AUTO_TEST_CASE(what_is_beyond_the_digits_box_is_not_in_its_last_pixels) {
  // 2.5 pixels are one of MNIST's: the fourth begins within a stroke 9 wide and ends beyond it.
  for (const auto& [height, width] : {std::pair(50, 9), std::pair(9, 50)}) {
    BOOST_TEST((as_mnist(bar(height, width, 0, 248), "F").pixels == as_mnist(bar(height, width, 0, 255), "F").pixels));
  }
}
