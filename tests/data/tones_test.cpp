#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

import rnn.data.picture;
import rnn.data.plane;
import rnn.linalg.matrix;

using namespace rnn;
using boost::test_tools::tolerance;

namespace {

using Bytes = std::vector<std::uint8_t>;

/// A picture whose pixel (i, j) is pixel(i, j).
template <class Pixel>
Picture drawn(Index rows, Index columns, Pixel pixel) {
  Picture picture{rows, columns, {}, Bytes(pixel(0, 0)).size()};
  for (int i = 0; i < int(rows); ++i) {
    for (int j = 0; j < int(columns); ++j) {
      for (const std::uint8_t byte : Bytes(pixel(i, j))) picture.values.push_back(byte);
    }
  }
  return picture;
}

/// A bar of three columns in a picture of 9 × 12.
bool is_ink(int i, int j) { return i > 1 && i < 7 && j > 3 && j < 7; }

Tones tones(const Picture& picture) { return tones_of(picture, {0, int(picture.rows), 0, int(picture.columns)}, 1); }

template <class Pixel>
Tones tones(Pixel pixel) {
  return tones(drawn(9, 12, pixel));
}

template <class Expected>
void compare(const Plane& plane, Expected expected) {
  BOOST_TEST_REQUIRE((plane.rows == 9 && plane.columns == 12));
  for (int i = 0; i < plane.rows; ++i) {
    for (int j = 0; j < plane.columns; ++j) {
      const auto wanted = float(expected(i, j));
      BOOST_TEST(std::abs(plane(i, j) - wanted) < 0.01f, i << ' ' << j << ": " << plane(i, j) << ", not " << wanted);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_reduced_picture_has_the_means_of_its_pixels_and_a_color_counts_by_its_opacity) {
  boost::random::mt19937 engine(1);
  for (Index channels = 1; channels <= 4; ++channels) {
    const auto random_byte = [&] { return std::uint8_t(engine() % 3 == 0 ? 0 : engine() % 256); };
    const Picture picture = drawn(9, 11, [&](int, int) {
      Bytes bytes;
      for (Index c = 0; c < channels; ++c) bytes.push_back(random_byte());
      return bytes;
    });
    const std::size_t colors = channels < 3 ? 1 : 3;
    for (const Box& part : {Box{0, 9, 0, 11}, Box{2, 8, 3, 10}, Box{4, 5, 10, 11}}) {
      for (const int factor : {1, 2, 3, 5}) {
        const Reduced result = reduce(picture, part, factor);
        BOOST_TEST_REQUIRE(result.colors.size() == colors);
        BOOST_TEST(result.opacity.values.empty() == (channels % 2 == 1));
        const Plane& first = result.colors[0];
        BOOST_TEST_REQUIRE(first.rows == int(std::ceil(double(part.height()) / factor)));
        BOOST_TEST_REQUIRE(first.columns == int(std::ceil(double(part.width()) / factor)));
        for (int i = 0; i < first.rows; ++i) {
          for (int j = 0; j < first.columns; ++j) {
            double opaque = 0, pixels = 0;
            std::vector<double> sums(colors);
            for (int y = part.top; y < part.bottom; ++y) {
              for (int x = part.left; x < part.right; ++x) {
                if ((y - part.top) / factor != i || (x - part.left) / factor != j) continue;
                const std::uint8_t* pixel = &picture.values[std::size_t(y * 11 + x) * channels];
                const double opacity = channels % 2 == 0 ? pixel[channels - 1] / 255.0 : 1;
                opaque += opacity, pixels += 1;
                for (std::size_t c = 0; c < colors; ++c) sums[c] += opacity * pixel[c];
              }
            }
            for (std::size_t c = 0; c < colors; ++c) {
              BOOST_TEST(result.colors[c](i, j) == float(opaque > 0 ? sums[c] / opaque : 0), tolerance(1e-4f));
            }
            if (channels % 2 == 0) BOOST_TEST(result.opacity(i, j) == float(opaque / pixels), tolerance(1e-4f));
          }
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_gray_picture_is_its_brightness) {
  const auto gray = [](int i, int j) { return std::uint8_t(20 * i + j); };
  for (const Tones& result : {tones([&](int i, int j) { return Bytes{gray(i, j)}; }),
                              tones([&](int i, int j) { return Bytes{gray(i, j), 255}; }),
                              tones([&](int i, int j) { return Bytes{gray(i, j), 251}; })}) {  // as good as opaque
    compare(result.tone, gray);
    compare(result.brightness, gray);
  }
}

BOOST_AUTO_TEST_CASE(colors_are_told_apart_along_the_direction_in_which_they_differ) {
  struct Colors {
    Bytes ink, paper;
  };
  for (const auto& [ink, paper] :
       {Colors{{200, 60, 90}, {90, 150, 90}}, Colors{{20, 60, 90}, {250, 240, 200}},
        Colors{{250, 240, 200}, {20, 60, 90}}, Colors{{80, 80, 200}, {80, 80, 20}}, Colors{{200, 30, 30}, {60, 20, 20}},
        Colors{{30, 200, 30}, {20, 60, 20}}, Colors{{30, 30, 200}, {20, 20, 60}}}) {
    double sum = 0, size = 0;
    for (std::size_t c = 0; c < 3; ++c) sum += ink[c] - paper[c], size += std::abs(ink[c] - paper[c]);
    const auto along = [&](const Bytes& color) {
      double value = 0;
      for (std::size_t c = 0; c < 3; ++c) value += (ink[c] - paper[c]) * color[c] / size * (sum < 0 ? -1 : 1);
      return value;
    };
    const auto luma = [](const Bytes& color) { return 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]; };
    const auto color_at = [&](int i, int j) { return is_ink(i, j) ? ink : paper; };
    const Tones result = tones(color_at);
    compare(result.tone, [&](int i, int j) { return along(color_at(i, j)); });
    compare(result.brightness, [&](int i, int j) { return luma(color_at(i, j)); });
  }
}

BOOST_AUTO_TEST_CASE(colors_in_strokes_one_pixel_wide_are_told_apart) {
  const auto color_at = [](int, int j) { return j % 2 == 0 ? Bytes{200, 60, 90} : Bytes{90, 150, 90}; };
  // Red differs by 110 and green by 90 the other way.
  compare(tones(color_at).tone,
          [](int, int j) { return j % 2 == 0 ? 0.55 * 200 - 0.45 * 60 : 0.55 * 90 - 0.45 * 150; });
}

BOOST_AUTO_TEST_CASE(colors_differ_from_those_around_them_and_not_from_those_far_away) {
  // Red rises by 4 from column to column; blue is 60 more in a bar.
  const auto is_bar = [](int i, int j) { return i > 20 && i < 40 && j > 27 && j < 33; };
  const Tones result = tones(drawn(
      60, 60, [&](int i, int j) { return Bytes{std::uint8_t(4 * j), 50, std::uint8_t(is_bar(i, j) ? 110 : 50)}; }));
  BOOST_TEST(result.tone(30, 30) - result.tone(10, 30) > 30);
}

BOOST_AUTO_TEST_CASE(what_is_around_a_place_is_wider_than_a_stroke) {
  // Blue is 60 more in a bar 9 wide; red differs by 20 from pixel to pixel.
  const auto is_bar = [](int i, int j) { return i > 10 && i < 50 && j > 25 && j < 35; };
  const Tones result = tones(drawn(60, 60, [&](int i, int j) {
    return Bytes{std::uint8_t(40 + 20 * ((i + j) % 2)), 50, std::uint8_t(is_bar(i, j) ? 110 : 50)};
  }));
  BOOST_TEST(result.tone(30, 30) - result.tone(30, 10) > 30);
}

BOOST_AUTO_TEST_CASE(of_several_differences_in_color_the_largest_counts) {
  // Red differs by 200 in a bar, blue by 60 in single rows elsewhere.
  const Tones result = tones(
      [](int i, int j) { return Bytes{std::uint8_t(is_ink(i, j) ? 220 : 20), 50, std::uint8_t(i == 8 ? 110 : 50)}; });
  BOOST_TEST(result.tone(4, 5) - result.tone(4, 1) > 150);
  BOOST_TEST(std::abs(result.tone(8, 1) - result.tone(4, 1)) < 20);

  // Red and green differ by as much, red in a larger place.
  const auto green = [](int i, int j) { return i > 35 && i < 50 && j > 40 && j < 46; };
  const auto red = [](int i, int j) { return i > 10 && i < 30 && j > 10 && j < 18; };
  const Tones of_two = tones(drawn(60, 60, [&](int i, int j) {
    return Bytes{std::uint8_t(red(i, j) ? 100 : 200), std::uint8_t(green(i, j) ? 100 : 200), 200};
  }));
  BOOST_TEST(of_two.tone(5, 5) - of_two.tone(20, 14) > 90);
  BOOST_TEST(std::abs(of_two.tone(5, 5) - of_two.tone(42, 43)) < 10);
}

BOOST_AUTO_TEST_CASE(what_is_half_opaque_does_not_count_among_what_is_opaque) {
  // Of two by two pixels, two are opaque. Where all do, the ink is 60, and elsewhere hardly any two colors differ.
  const Picture picture = drawn(6, 8, [](int i, int j) {
    const bool whole = j >= 2 && j < 6;
    return Bytes{std::uint8_t(whole ? 60 : 200), std::uint8_t(whole || i % 2 == 0 ? 255 : 0)};
  });
  const Tones result = tones_of(picture, {0, 6, 0, 8}, 2);
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST((std::abs(result.tone(i, 0) - 127.5f) < 0.01f && std::abs(result.tone(i, 3) - 127.5f) < 0.01f));
    BOOST_TEST((result.tone(i, 1) == 0 && result.tone(i, 2) == 0));
  }
}

BOOST_AUTO_TEST_CASE(a_picture_of_one_color_has_one_tone) {
  const Tones result = tones([](int, int) { return Bytes{30, 60, 90}; });
  compare(result.tone, [&](int, int) { return result.tone(0, 0); });
  BOOST_TEST((result.tone(0, 0) > 30 && result.tone(0, 0) < 90));
}

BOOST_AUTO_TEST_CASE(where_all_that_is_opaque_has_one_color_its_outline_is_the_ink) {
  for (const std::uint8_t color : {0, 120, 255}) {
    const Tones result = tones([&](int i, int j) {
      return Bytes{std::uint8_t(color + (i == 3 && color < 200 ? 23 : 0)), std::uint8_t(is_ink(i, j) ? 204 : 0)};
    });
    compare(result.tone, [](int i, int j) { return is_ink(i, j) ? 51 : 255; });
    compare(result.brightness, [](int i, int j) { return is_ink(i, j) ? 51 : 255; });
  }
}

BOOST_AUTO_TEST_CASE(colors_that_differ_by_24_are_two) {
  for (const int difference : {23, 24}) {
    const Tones result = tones([&](int i, int j) {
      return Bytes{std::uint8_t(i == 3 ? difference : 0), std::uint8_t(is_ink(i, j) ? 204 : 0)};
    });
    compare(result.tone, [&](int i, int j) {
      return !is_ink(i, j) ? 255 : i == 3 && difference == 24 ? 255 - 0.8 * (255 - 24) : 51;
    });
  }
}

BOOST_AUTO_TEST_CASE(behind_holes_in_a_picture_is_its_own_paper) {
  // Bright paper, dark ink, and a corner that is half transparent or wholly.
  compare(tones([](int i, int j) {
            const bool corner = i < 2 && j > 9;
            return Bytes{std::uint8_t(corner ? 7 : is_ink(i, j) ? 40 : 200), std::uint8_t(corner ? 51 * i : 255)};
          }).tone,
          [](int i, int j) {
            if (i == 0 && j > 9) return 200.0;
            if (i == 1 && j > 9) return 200 + 0.2 * (7 - 200);
            return is_ink(i, j) ? 40.0 : 200.0;
          });
}

BOOST_AUTO_TEST_CASE(behind_a_few_opaque_strokes_is_what_they_stand_out_from) {
  struct Strokes {
    std::uint8_t one, other;
    double paper;
  };
  for (const auto& [one, other, paper] :
       {Strokes{20, 100, 255}, Strokes{160, 240, 0}, Strokes{127, 200, 255}, Strokes{128, 240, 0}}) {
    const std::uint8_t a = one, b = other;
    const double below = paper;
    const auto stroke = [&](int i) { return i < 5 ? a : b; };
    const auto expected = [&](int i, int j) { return is_ink(i, j) ? double(stroke(i)) : below; };
    compare(tones([&](int i, int j) { return Bytes{stroke(i), std::uint8_t(is_ink(i, j) ? 255 : 0)}; }).tone, expected);
    compare(tones([&](int i, int j) {
              return Bytes{stroke(i), stroke(i), stroke(i), std::uint8_t(is_ink(i, j) ? 255 : 0)};
            }).brightness,
            expected);
  }
}

BOOST_AUTO_TEST_CASE(every_opaque_pixel_counts_in_a_small_picture) {
  // Not all of one color: the first pixel is ink on the paper of the next two.
  const Tones result = tones({1, 4, {0, 255, 200, 255, 200, 255, 7, 0}, 2});
  const std::vector<float> expected = {0, 200, 200, 200};
  BOOST_TEST(result.tone.values == expected, boost::test_tools::per_element());
}
