#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "../support/chapter.hpp"

import rnn.base.error;
import rnn.data.digits;
import rnn.data.images;
import rnn.formats.picture;
import rnn.linalg.matrix;

using namespace rnn;
using namespace rnn::testing;

namespace {

/// A picture of the collection, which the fuzzer begins with too.
std::string picture(const std::string& name) { return from_environment("PICTURES") + "/" + name; }

std::string refused(const std::string& path) {
  try {
    as_mnist(read_picture(path), path);
  } catch (const FileError& error) {
    const std::string message = error.what();
    BOOST_TEST(message.starts_with(path + ": "), message);
    return message.substr(std::min(message.size(), path.size() + 2));
  }
  return "not refused";
}

std::vector<std::uint8_t> image(const Dataset& set, Index i) {
  const auto begin = set.images.pixels.begin() + std::ptrdiff_t(i * 784);
  return {begin, begin + 784};
}

/// An image of MNIST's size in the middle of a larger picture: each pixel `scale` wide, `left` and `top` pixels of
/// paper before it and some after it, the ink so dark on so bright a paper.
Picture photograph(const std::vector<std::uint8_t>& pixels, Index scale, Index top, Index left, int paper, int ink) {
  Picture result{28 * scale + top + 3, 28 * scale + left + 5, {}};
  result.brightness.assign(result.rows * result.columns, std::uint8_t(paper));
  for (Index i = 0; i < 28 * scale; ++i) {
    for (Index j = 0; j < 28 * scale; ++j) {
      const int strength = pixels[i / scale * 28 + j / scale];
      result.brightness[(top + i) * result.columns + left + j] = std::uint8_t(paper + (ink - paper) * strength / 255);
    }
  }
  return result;
}

/// How far two images are from one another, on average over the ink of the first.
double difference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  double sum = 0, ink = 0;
  for (Index p = 0; p < 784; ++p) {
    sum += std::abs(double(a[p]) - double(b[p]));
    ink += a[p];
  }
  return sum / ink;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_hook_is_cut_out_scaled_and_centered) {
  // 5 × 7 pixels of ink: the longer side becomes 20, a pixel 20 / 7 = 2.86 of ours.
  const Images hook = as_mnist(read_picture(picture("pgm_plain")), "hook");
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

BOOST_AUTO_TEST_CASE(every_kind_of_file_gives_the_same_image) {
  const Images hook = as_mnist(read_picture(picture("pgm_plain")), "hook");
  for (const char* name : {"gray_1",
                           "gray_2",
                           "gray_4",
                           "gray_8",
                           "gray_16",
                           "white_on_black",
                           "rgb_8",
                           "rgb_16",
                           "palette_1",
                           "palette_8_transparent",
                           "gray_alpha_8_black_ink",
                           "gray_alpha_8_white_ink",
                           "gray_alpha_16",
                           "rgba_8_opaque",
                           "rgba_8_transparent_edge",
                           "rgba_16",
                           "interlaced",
                           "pgm_plain_comments",
                           "pgm_raw",
                           "pgm_raw_1",
                           "pgm_raw_16"}) {
    const Picture read = read_picture(picture(name));
    BOOST_TEST(read.rows == 10u, name);
    BOOST_TEST(read.columns == 8u, name);
    BOOST_TEST((as_mnist(read, name).pixels == hook.pixels), name);
  }
}

BOOST_AUTO_TEST_CASE(values_in_between_keep_their_brightness) {
  const auto brightness = [](const std::string& bytes) { return parse_picture(bytes, "F").brightness; };
  const std::vector<std::uint8_t> wanted{0, 128, 255};
  BOOST_TEST(brightness("P2 3 1 2 0 1 2") == wanted);
  BOOST_TEST(brightness(std::string("P5 3 1 65535 \0\0\x80\x40\xff\xff", 19)) == wanted);
  BOOST_TEST(brightness("P2 3 1 1000 0 502 1000") == wanted);
  for (const char* name : {"ramp_8", "ramp_16"}) BOOST_TEST(read_picture(picture(name)).brightness == wanted, name);
  // Red is a fifth of the light of white; as a gray of a screen, whose numbers are not proportional to light, more.
  const std::vector<std::uint8_t> colors = read_picture(picture("ramp_colors")).brightness;
  BOOST_TEST(int(colors.at(1)) > 80);
  BOOST_TEST(int(colors.at(1)) < 140);
}

BOOST_AUTO_TEST_CASE(a_picture_that_is_none_is_refused_in_one_line) {
  const std::string png = "expected a whole PNG picture, found that it cannot be read (";
  const std::string kind = "expected a PNG (89 50 4e 47) or PGM (P2, P5) picture, found";
  const std::string size = "expected a picture of 1 to 16777216 pixels, found ";
  const std::string ink = "expected a digit that stands out from its paper, found no ink: brightness ";
  const std::map<std::string, std::string> messages{
      {"empty", "expected a PNG or PGM picture, found an empty file"},
      {"gif", "byte 0: " + kind + " 47 49 46 38"},
      {"ppm", "byte 0: " + kind + " 50 36 0a 31"},
      {"png_wrong_magic", "byte 0: " + kind + " 89 50 4e 67"},
      {"png_cut", png + "read beyond end of data)"},
      {"png_cut_header", png + "read beyond end of data)"},
      {"png_no_pixels", png + "Invalid IHDR data)"},
      {"png_unknown_depth", png + "Invalid IHDR data)"},
      {"png_claims_2_to_62", png + "Invalid IHDR data)"},
      {"png_claims_2_to_28", size + "16384x16384"},
      {"png_wrong_checksum", png + "IDAT: incorrect data check)"},
      {"png_no_data", png + "IEND: out of place)"},
      {"png_no_palette", png + "IDAT: Missing PLTE before IDAT)"},
      {"png_too_little_data", png + "Not enough image data)"},
      {"png_blank", ink + "254 to 254 of 255"},
      {"png_transparent", ink + "0 to 0 of 255"},
      {"pgm_blank", ink + "85 to 85 of 255"},
      {"pgm_cut_header", "byte 5: expected the number of rows, found the end"},
      {"pgm_comment_to_the_end", "byte 11: expected the number of columns, found the end"},
      {"pgm_long_number", "byte 13: expected the number of columns, found one of more than 10 digits"},
      {"pgm_no_pixels", size + "0x0"},
      {"pgm_claims_2_to_24", "byte 17: expected 16777216 bytes of pixels, found 4"},
      {"pgm_claims_2_to_60", size + "1073741824x1073741824"},
      {"pgm_claims_2_to_64", size + "4294967296x4294967296"},
      {"pgm_largest_0", "byte 8: expected a largest value of 1 to 65535, found 0"},
      {"pgm_largest_65536", "byte 12: expected a largest value of 1 to 65535, found 65536"},
      {"pgm_cut", "byte 12: expected 80 bytes of pixels, found 77"},
      {"pgm_longer", "byte 12: expected 80 bytes of pixels, found 81"},
      {"pgm_plain_few", "byte 11: expected 80 pixels, found 6 bytes, too few for them"},
      {"pgm_plain_cut", "byte 305: expected a pixel, found the end"},
      {"pgm_plain_longer", "byte 310: expected the end after 80 pixels, found more"},
      {"pgm_over_largest", "byte 13: expected a value of at most 9, found 10"},
      {"pgm_negative", "byte 11: expected a pixel, found no digit"},
  };
  for (const auto& [name, message] : messages) BOOST_TEST(refused(picture(name)) == message, name);
  BOOST_TEST(refused("none.png") == "cannot be opened: No such file or directory");
  BOOST_TEST(refused("/") == "cannot be read: Is a directory");
  BOOST_TEST(refused("/dev/zero") == "expected at most 134217728 bytes, found more");
}

BOOST_AUTO_TEST_CASE(every_picture_of_the_collection_may_be_cut_anywhere) {
  for (const auto& entry : std::filesystem::directory_iterator(from_environment("PICTURES"))) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const std::string name = entry.path().filename().string();
    for (Index size = 0; size < bytes.size(); ++size) {
      bool refused = false;
      try {
        parse_picture(std::string_view(bytes).substr(0, size), "F");
      } catch (const FileError&) {
        refused = true;
      }
      // In a PNG nothing is missed after the pixels' last byte: a checksum, and the mark of the end.
      const bool needed = name.starts_with("pgm_raw") || (name.starts_with("gray") && size + 16 < bytes.size());
      BOOST_TEST((refused || !needed), name << " cut to " << size << " bytes");
    }
  }
}

BOOST_AUTO_TEST_CASE(an_image_like_mnists_comes_back_as_it_was) {
  const Dataset digits = draw_digits(200, 1);
  int same = 0;
  for (Index i = 0; i < digits.size(); ++i) {
    const std::vector<std::uint8_t> was = image(digits, i);
    const Picture bright{28, 28, was};
    Picture dark = bright;
    for (std::uint8_t& value : dark.brightness) value = std::uint8_t(255 - value);
    const Images from_bright = as_mnist(bright, "bright");
    BOOST_TEST((as_mnist(dark, "dark").pixels == from_bright.pixels));
    same += difference(was, from_bright.pixels) < 0.02;
  }
  BOOST_TEST(same > 150, same << " of 200");  // the others were not 20 pixels long
}

BOOST_AUTO_TEST_CASE(size_place_and_contrast_of_a_picture_change_little) {
  const Dataset digits = draw_digits(50, 2);
  for (const auto& [paper, ink] : {std::pair(255, 0), std::pair(230, 60), std::pair(10, 200)}) {
    double worst = 0, mean = 0;
    for (Index i = 0; i < digits.size(); ++i) {
      const std::vector<std::uint8_t> once = as_mnist({28, 28, image(digits, i)}, "once").pixels;
      for (const auto& [scale, top, left] : {std::array<Index, 3>{1, 9, 0}, {3, 0, 40}, {17, 100, 7}}) {
        const Picture larger = photograph(image(digits, i), scale, top, left, paper, ink);
        const double away = difference(once, as_mnist(larger, "larger").pixels);
        worst = std::max(worst, away);
        mean += away / 150;
      }
    }
    BOOST_TEST(mean < 0.05, "paper " << paper << ": " << mean);
    BOOST_TEST(worst < 0.3, "paper " << paper << ": " << worst);
  }
}

BOOST_AUTO_TEST_CASE(uneven_paper_is_not_ink) {
  const Dataset digits = draw_digits(50, 3);
  double mean = 0;
  for (Index i = 0; i < digits.size(); ++i) {
    Picture rough = photograph(image(digits, i), 8, 20, 30, 200, 20);
    for (Index p = 0; p < rough.brightness.size(); ++p) {
      rough.brightness[p] = std::uint8_t(rough.brightness[p] + int(p * 2654435761u % 25) - 12);
    }
    mean += difference(as_mnist({28, 28, image(digits, i)}, "once").pixels, as_mnist(rough, "rough").pixels) / 50;
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
