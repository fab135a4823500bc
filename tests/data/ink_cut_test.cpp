#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

import rnn.base.error;
import rnn.data.ink;
import rnn.data.picture;
import rnn.data.plane;
import rnn.linalg.matrix;

using namespace rnn;

namespace {

bool within(const Box& box, int i, int j) { return i >= box.top && i < box.bottom && j >= box.left && j < box.right; }

/// A gray picture whose pixel (i, j) is tone(i, j).
template <class Tone>
Picture drawn(int rows, int columns, Tone tone) {
  Picture picture{Index(rows), Index(columns), {}};
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) picture.values.push_back(std::uint8_t(std::lround(double(tone(i, j)))));
  }
  return picture;
}

/// Boxes of ink, black on white or as given.
struct Part {
  Box box;
  int tone = 0;
};
Picture drawn(int rows, int columns, const std::vector<Part>& parts, int paper = 255) {
  return drawn(rows, columns, [&](int i, int j) {
    for (const Part& part : parts) {
      if (within(part.box, i, j)) return part.tone;
    }
    return paper;
  });
}

Ink ink_in(const Picture& picture) { return find_ink(picture, "F"); }

std::string refused(const Picture& picture) {
  try {
    ink_in(picture);
  } catch (const FileError& error) {
    return error.what();
  }
  return "not refused";
}

/// What is cut out around a digit in this box: six tenths of its length on every side, as far as the picture goes.
Box cut_around(const Box& digit, int rows, int columns) {
  const int margin = std::max(2, digit.longer() * 6 / 10);
  return {std::max(0, digit.top - margin), std::min(rows, digit.bottom + margin), std::max(0, digit.left - margin),
          std::min(columns, digit.right + margin)};
}

/// The boxes of the ink, in the picture's pixels, where nothing was reduced.
Box box_in(const Picture& picture, const Box& digit) {
  const Ink ink = ink_in(picture);
  const Box cut = cut_around(digit, int(picture.rows), int(picture.columns));
  BOOST_TEST((ink.strength.whole() == Box{0, cut.height(), 0, cut.width()}));
  return {ink.box.top + cut.top, ink.box.bottom + cut.top, ink.box.left + cut.left, ink.box.right + cut.left};
}

Box box_in(int rows, int columns, const std::vector<Part>& parts) {
  return box_in(drawn(rows, columns, parts), parts[0].box);
}

constexpr Box bar{60, 120, 50, 59};  // a one, with strokes as in MNIST

}  // namespace

BOOST_AUTO_TEST_CASE(black_ink_on_white_paper_is_cut_out_to_the_pixel) {
  struct Page {
    int rows, columns;
    Box digit;
  };
  for (const auto& [rows, columns, digit] :
       {Page{200, 160, bar}, Page{160, 200, {70, 79, 30, 90}}, Page{500, 400, {120, 330, 150, 177}},
        Page{401, 501, {101, 130, 33, 300}}, Page{700, 620, {300, 500, 260, 286}}, Page{620, 700, {260, 286, 302, 502}},
        Page{40, 30, {9, 29, 12, 15}}}) {
    const Ink ink = ink_in(drawn(rows, columns, {{digit}}));
    const int factor = std::max(1, digit.longer() / 96);
    const Box cut = cut_around(digit, rows, columns);
    BOOST_TEST_REQUIRE(ink.strength.rows == (cut.height() + factor - 1) / factor);
    BOOST_TEST_REQUIRE(ink.strength.columns == (cut.width() + factor - 1) / factor);
    Box box{1000, 0, 1000, 0};
    for (int i = 0; i < ink.strength.rows; ++i) {
      for (int j = 0; j < ink.strength.columns; ++j) {
        int pixels = 0, full = 0;
        for (int y = cut.top + i * factor; y < std::min(cut.bottom, cut.top + (i + 1) * factor); ++y) {
          for (int x = cut.left + j * factor; x < std::min(cut.right, cut.left + (j + 1) * factor); ++x) {
            ++pixels, full += within(digit, y, x);
          }
        }
        const float part = float(full) / float(pixels);
        BOOST_TEST(std::abs(ink.strength(i, j) - part) < 1e-4f, i << ' ' << j);
        if (full > 0) {
          box = {std::min(box.top, i), std::max(box.bottom, i + 1), std::min(box.left, j), std::max(box.right, j + 1)};
        }
      }
    }
    BOOST_TEST((ink.box == box));
  }
}

BOOST_AUTO_TEST_CASE(ink_is_found_on_a_sheet_on_a_table) {
  const Box sheet{40, 200, 30, 190}, digit{90, 150, 60, 69};
  const Ink ink =
      ink_in(drawn(240, 220, [&](int i, int j) { return within(digit, i, j) || !within(sheet, i, j) ? 20 : 220; }));
  BOOST_TEST((ink.strength.whole() == Box{0, 132, 0, 75}));  // 36 around, of which 30 are on the sheet
  BOOST_TEST((ink.box == Box{36, 96, 30, 39}));
}

BOOST_AUTO_TEST_CASE(full_ink_is_what_a_fifth_of_the_digit_reaches) {
  // The first rows are twice as dark as the others.
  const auto first_and_last = [](int dark_rows) {
    const Ink ink = ink_in(drawn(200, 160, [&](int i, int j) {
      return !within(bar, i, j) ? 255 : i < bar.top + dark_rows ? 55 : 155;
    }));
    return std::pair(ink.strength(ink.box.top, 38), ink.strength(ink.box.bottom - 1, 38));
  };
  BOOST_TEST((first_and_last(13) == std::pair(1.0f, 0.5f)));
  BOOST_TEST((first_and_last(11) == std::pair(1.0f, 1.0f)));
}

BOOST_AUTO_TEST_CASE(a_shadow_is_full_ink_where_the_digit_stands_out_with_it_by_2_in_a_hundred) {
  // 100 rows of ink, of which the first 21 are full, the others four fifths, and a shadow that is as wide. With 5 rows
  // of shadow the whole is 1.8 % longer, weighted by strength, and with 6 rows 2.1 %.
  const auto last = [](int shadow) {
    const Ink ink = ink_in(
        drawn(260, 200, {{{60, 81, 90, 105}, 0}, {{81, 160, 90, 105}, 51}, {{160, 160 + shadow, 90, 105}, 181}}));
    return ink.strength(ink.box.top + 50, ink.box.left + 7);
  };
  BOOST_TEST((std::abs(last(5) - 0.8f) < 1e-4f && last(6) == 1));
}

BOOST_AUTO_TEST_CASE(something_darker_beside_a_gray_digit_does_not_make_it_paler) {
  // It is half as long, and stands out nearly as much.
  const Ink ink = ink_in(drawn(200, 220, {{{50, 150, 60, 75}, 127}, {{60, 110, 105, 110}}}));
  BOOST_TEST((ink.box.width() == 15 && ink.strength(ink.box.top + 50, ink.box.left + 7) == 1));
}

BOOST_AUTO_TEST_CASE(white_ink_on_black_paper_is_as_strong_as_its_part_of_white) {
  const auto strength = [](int tone) {
    const Ink ink = ink_in(drawn(200, 160, [&](int i, int j) {
      return !within(bar, i, j) ? 0 : i < 90 ? tone : tone / 2;
    }));
    return std::pair(ink.strength(ink.box.top, 38), ink.strength(ink.box.bottom - 1, 38));
  };
  BOOST_TEST((strength(240) == std::pair(1.0f, 0.5f)));
}

BOOST_AUTO_TEST_CASE(the_soft_edge_of_ink_belongs_to_it_and_what_is_beyond_does_not) {
  // 3.6 pixels, the digit being 60 long, are a little more than a pixel of MNIST.
  const auto cut = [](int width, int tone) {
    return ink_in(drawn(200, 160, [&](int i, int j) {
      if (within(bar, i, j)) return 0;
      return within({bar.top - width, bar.bottom + width, bar.left - width, bar.right + width}, i, j) ? tone : 255;
    }));
  };
  for (const int width : {1, 2, 3, 8}) {
    for (const int tone : {230, 204, 192}) {
      const Ink ink = cut(width, tone);
      const float edge = float(255 - tone) / 255;
      for (int away = 1; away < 12; ++away) {
        const float expected = away <= std::min(width, 3) ? edge : 0;
        BOOST_TEST(std::abs(ink.strength(36 - away, 40) - expected) < 1e-4f);
        BOOST_TEST(std::abs(ink.strength(95 + away, 40) - expected) < 1e-4f);
        BOOST_TEST(std::abs(ink.strength(60, 36 - away) - expected) < 1e-4f);
        BOOST_TEST(std::abs(ink.strength(60, 44 + away) - expected) < 1e-4f);
      }
      // The digit's box holds what is stronger than the paper, of which a fifth of full ink is the most.
      const int wider = width < 4 || tone < 204 ? std::min(width, 3) : 0;
      BOOST_TEST((ink.box == Box{36 - wider, 96 + wider, 36 - wider, 45 + wider}), width << ' ' << tone);
    }
  }
  // Of a digit 50 pixels long just 3 pixels.
  const Ink shorter = ink_in(drawn(200, 160, {{{60, 110, 50, 58}}, {{50, 120, 40, 68}, 204}}));
  BOOST_TEST((std::abs(shorter.strength(27, 34) - 0.2f) < 1e-4f && shorter.strength(26, 34) == 0));
  BOOST_TEST((std::abs(shorter.strength(82, 34) - 0.2f) < 1e-4f && shorter.strength(83, 34) == 0));
  // They are not paper, and so not too faint to belong to the digit's box: 10 % of full ink.
  const Ink faint = ink_in(drawn(200, 160, {{{60, 110, 50, 58}}, {{57, 113, 47, 61}, 229}}));
  BOOST_TEST((faint.box == Box{27, 83, 27, 41}));
  BOOST_TEST((cut(3, 244).box == Box{36, 96, 36, 45}));  // hardly more than paper: 4 %
  BOOST_TEST((cut(3, 240).box == Box{33, 99, 33, 48}));  // 6 %
}

BOOST_AUTO_TEST_CASE(of_a_gray_digit_the_soft_edge_is_measured_by_its_strength) {
  // Half as strong as black ink: a twentieth of it is 2.5 %, and a fifth 10 %.
  const auto wider = [](int width, int tone) {
    const Box around{bar.top - width, bar.bottom + width, bar.left - width, bar.right + width};
    return ink_in(drawn(200, 160, {{bar, 127}, {around, tone}})).box.top < 36;
  };
  BOOST_TEST((wider(3, 244) && !wider(3, 250)));  // 4.3 % and 2 %
  BOOST_TEST((wider(8, 227) && !wider(8, 230)));  // 11 % and 9.8 %, as strong as the paper beyond
}

BOOST_AUTO_TEST_CASE(thin_strokes_become_wider_and_thick_ones_narrower_as_in_mnist) {
  // A digit 60 pixels long is 20 of MNIST's: strokes from 4.2 to 12 pixels.
  const auto box = [](int width) {
    const Box digit{60, 120, 50, 50 + width};
    return box_in(200, 160, {{digit}});
  };
  BOOST_TEST((box(1) == Box{59, 121, 49, 52}));  // it counts as 2 wide: 1 more on both sides
  BOOST_TEST((box(5) == Box{60, 120, 50, 55}));
  BOOST_TEST((box(10) == Box{60, 120, 50, 60}));
  // Of a block of 60 x 60, the mean depth is a quarter of 40.7.
  const Box block = box(60);
  BOOST_TEST((block == Box{74, 106, 64, 96}));
  // 8 by 26 pixels count as 7.23 wide, 2.03 more than a fifth of the length; 6 by 17 as 5.37, which is 1.97 more.
  BOOST_TEST((box_in(100, 100, {{{40, 66, 40, 48}}}) == Box{41, 65, 41, 47}));
  BOOST_TEST((box_in(100, 100, {{{40, 57, 40, 46}}}) == Box{40, 57, 40, 46}));
  // Of a bar 5 wide and 12 long 3 remain. A dot would vanish: it stays as it is.
  BOOST_TEST((box_in(40, 40, {{{14, 26, 18, 23}}}) == Box{15, 25, 19, 22}));
  BOOST_TEST((box_in(40, 40, {{{18, 22, 18, 22}}}) == Box{18, 22, 18, 22}));
}

BOOST_AUTO_TEST_CASE(strokes_end_at_the_pictures_edge) {
  // A bar along one edge and another one from its middle to the opposite edge, trimmed to their box. The width of
  // strokes is four times the mean of how deep their pixels are, less half a pixel.
  constexpr int rows = 60, columns = 50;
  const auto ink = [](int i, int j) { return j < 18 || (i >= 22 && i < 40); };
  double sum = 0, count = 0;
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) {
      if (!ink(i, j)) continue;
      double depth = std::min({i + 1, rows - i, j + 1, columns - j});
      for (int y = 0; y < rows; ++y) {
        for (int x = 0; x < columns; ++x) {
          const int down = std::abs(y - i), over = std::abs(x - j);
          if (!ink(y, x)) depth = std::min(depth, std::max(down, over) + std::min(down, over) / 3.0);
        }
      }
      sum += depth - 0.5, ++count;
    }
  }
  const double unit = rows / 20.0, width = 4 * sum / count / unit;
  const int radius = int((width - 4) / 2 * unit);
  BOOST_TEST_REQUIRE(radius > 0);
  for (int turn = 0; turn < 4; ++turn) {
    const bool upright = turn < 2;
    const Ink cut = ink_in(drawn(upright ? rows : columns, upright ? columns : rows, [&](int i, int j) {
      const int y = upright ? i : j, x = upright ? j : i;
      return ink(y, turn % 2 == 0 ? x : columns - 1 - x) ? 0 : 255;
    }));
    const Box whole = cut.strength.whole();
    BOOST_TEST(((upright ? whole : Box{0, whole.right, 0, whole.bottom}) == Box{0, rows, 0, columns}));
    BOOST_TEST((cut.box == Box{radius, whole.bottom - radius, radius, whole.right - radius}), "turn " << turn);
  }
}

BOOST_AUTO_TEST_CASE(in_the_shade_ink_reaches_the_pictures_edge) {
  for (int turn = 0; turn < 4; ++turn) {
    const Ink ink = ink_in(drawn(160, 160, [&](int i, int j) {
      const int y = turn < 2 ? i : j, x = turn % 2 == 0 ? (turn < 2 ? j : i) : 159 - (turn < 2 ? j : i);
      return (250 - y) * (within({70, 79, 0, 60}, y, x) ? 0.4 : 1);
    }));
    const Box& box = ink.box;
    const Plane& plane = ink.strength;
    const int middle = turn < 2 ? box.top + box.height() / 2 : box.left + box.width() / 2;
    const int last = turn % 2 == 0 ? 0 : (turn < 2 ? plane.columns : plane.rows) - 1;
    for (const int k : {0, 1, 5}) {
      const int place = turn % 2 == 0 ? k : last - k;
      BOOST_TEST((turn < 2 ? plane(middle, place) : plane(place, middle)) > 0.9f, "turn " << turn << ", " << k);
    }
    BOOST_TEST((box.left == 0 || box.top == 0 || box.right == plane.columns || box.bottom == plane.rows));
  }
}

BOOST_AUTO_TEST_CASE(what_is_near_a_digit_and_large_enough_belongs_to_it) {
  // A bar 100 long, with an area of 1500, and a piece to its right. What belongs to it is within the box.
  Box digit{50, 150, 60, 75};
  const auto taken = [&](const Box& piece) {
    try {
      const Box box = ink_in(drawn(200, 220, {{digit}, {piece}})).box;
      return std::string(box.width() > digit.width() || box.height() > 100 ? "taken" : "left");
    } catch (const FileError& error) {
      return std::string(error.what());
    }
  };
  const auto beside = [](int gap, int height, int width) { return Box{90, 90 + height, 75 + gap, 75 + gap + width}; };
  // Specks very near: three hundredths of the length, a two-hundredth of the area. (Pixels 3 apart: 2 are between.)
  BOOST_TEST(taken(beside(2, 4, 2)) == "taken");
  BOOST_TEST(taken(beside(2, 7, 1)) == "left");
  BOOST_TEST(taken(beside(3, 4, 2)) == "left");
  // Parts further away, up to a fifth of the length, with a twelfth of the area.
  BOOST_TEST(taken(beside(19, 13, 10)) == "taken");
  BOOST_TEST(taken(beside(20, 13, 10)) == "left");
  BOOST_TEST(taken(beside(19, 12, 10)) == "left");
  BOOST_TEST(taken(beside(19, 25, 5)) == "taken");
  // Digits side by side: both of them at least seven tenths as high as both together.
  const std::string two = "F: expected one digit, found 2: cut out one of them";
  BOOST_TEST(taken({60, 130, 86, 96}) == "taken");
  BOOST_TEST(taken({60, 130, 87, 97}) == two);
  BOOST_TEST(taken({60, 129, 87, 97}) == "taken");
  BOOST_TEST(taken({70, 170, 80, 90}) == "taken");
  // … and together wider than high by more than 15 in a hundred.
  BOOST_TEST(taken({50, 150, 80, 175}) == "taken");
  BOOST_TEST(taken({50, 150, 80, 176}) == two);
  // One below the other, together up to seven quarters as long as the digit.
  BOOST_TEST(taken({155, 195, 60, 75}) == "taken");
  // Of an area of 1600, just a two-hundredth.
  digit = {50, 150, 59, 75};
  BOOST_TEST(taken(beside(2, 4, 2)) == "taken");
}

BOOST_AUTO_TEST_CASE(digits_are_side_by_side_as_soon_as_their_boxes_do_not_overlap) {
  // Two slanted strokes, each in a box 25 wide, of which one is longer. They are about 15 pixels apart.
  const auto said = [](int overlap, int left_end, int right_end) {
    return refused(drawn(200, 220, [&](int i, int j) {
      const auto stroke = [&](int left, int end) {
        const int first = left + (149 - i) * 16 / 99;
        return i >= 50 && i < end && j >= first && j < first + 9;
      };
      return stroke(60, left_end) || stroke(85 - overlap, right_end) ? 0 : 255;
    }));
  };
  for (const auto& [left_end, right_end] : {std::pair(150, 147), std::pair(147, 150)}) {
    BOOST_TEST(said(0, left_end, right_end) == "F: expected one digit, found 2: cut out one of them");
    BOOST_TEST(said(1, left_end, right_end) == "not refused");
  }
}

BOOST_AUTO_TEST_CASE(one_digit_below_another_is_not_a_part_of_it) {
  const Box digit{20, 120, 60, 75};
  const auto bottom = [&](int length) {
    const Picture picture = drawn(300, 260, {{digit}, {{125, 125 + length, 60, 75}}});
    return refused(picture) == "not refused" ? ink_in(picture).box.height() : -1;
  };
  BOOST_TEST(bottom(70) == 175);
  BOOST_TEST(bottom(71) == -1);  // two digits
}

BOOST_AUTO_TEST_CASE(faint_pieces_are_not_parts_of_a_digit_and_fainter_ones_no_digits) {
  const Box digit{50, 150, 60, 75};
  const auto width = [&](int tone) { return ink_in(drawn(200, 260, {{digit}, {{60, 90, 85, 95}, tone}})).box.width(); };
  BOOST_TEST(width(255 - 102) == 35);  // two fifths
  BOOST_TEST(width(255 - 100) == 15);
  const auto digits = [&](int tone, int length, int thickness) {
    const Box other{50, 50 + length, 160, 160 + thickness};
    return refused(drawn(200, 260, {{digit}, {other, tone}}, 254)) == "not refused" ? 1 : 2;
  };
  BOOST_TEST((digits(254 - 127, 100, 15) == 2 && digits(254 - 126, 100, 15) == 1));  // half as strong
  BOOST_TEST((digits(0, 50, 15) == 2 && digits(0, 49, 15) == 1));                    // half as long
  BOOST_TEST((digits(0, 75, 4) == 2 && digits(0, 74, 4) == 1));                      // a fifth of the area
}

BOOST_AUTO_TEST_CASE(of_gray_digits_fainter_parts_are_parts) {
  const Box digit{50, 150, 60, 75};
  const auto width = [&](int tone) {
    return ink_in(drawn(200, 260, {{digit, 127}, {{60, 90, 85, 95}, tone}})).box.width();
  };
  BOOST_TEST((width(255 - 54) == 35 && width(255 - 49) == 15));
  const auto digits = [&](int tone) {
    return refused(drawn(200, 260, {{digit, 127}, {{50, 150, 160, 175}, tone}})) == "not refused" ? 1 : 2;
  };
  BOOST_TEST((digits(255 - 66) == 2 && digits(255 - 62) == 1));
}

BOOST_AUTO_TEST_CASE(what_the_edge_cuts_off_is_no_part_of_a_digit) {
  for (const auto& [digit, piece] :
       {std::pair(Box{60, 120, 22, 31}, Box{85, 95, 0, 12}), std::pair(Box{60, 120, 129, 138}, Box{85, 95, 148, 160}),
        std::pair(Box{22, 31, 50, 110}, Box{0, 12, 75, 85}),
        std::pair(Box{169, 178, 50, 110}, Box{188, 200, 75, 85})}) {
    BOOST_TEST((box_in(200, 160, {{digit}, {piece}}) == digit));
  }
}

BOOST_AUTO_TEST_CASE(what_reaches_from_the_edge_into_a_digits_box_is_no_part_of_it) {
  for (int turn = 0; turn < 4; ++turn) {
    const Ink ink = ink_in(drawn(160, 160, [&](int i, int j) {
      const int down = turn < 2 ? i : j, over = turn < 2 ? j : i, x = turn % 2 == 0 ? over : 159 - over;
      const bool digit = within({60, 69, 25, 59}, down, x) || within({60, 120, 50, 59}, down, x);
      return digit || within({90, 100, 0, 40}, down, x) ? 0 : 255;
    }));
    BOOST_TEST((ink.box.longer() == 60 && ink.box.shorter() == 34), "turn " << turn);
  }
}

BOOST_AUTO_TEST_CASE(what_is_near_a_part_of_a_digit_belongs_to_it_too) {
  // A row of pieces that begins at the digit, each near the one before it.
  const auto width = [](int pieces) {
    std::vector<Part> parts = {{{50, 150, 60, 75}}};
    for (int k = 0; k < pieces; ++k) parts.push_back({{90, 103, 85 + 20 * k, 95 + 20 * k}});
    return ink_in(drawn(220, 340, parts)).box.width();
  };
  BOOST_TEST((width(1) == 35 && width(2) == 55 && width(6) == 135));
}

BOOST_AUTO_TEST_CASE(a_digit_grows_by_what_is_near_it_eight_times) {
  // Each piece is a tenth of the length away from the one before it: the next but one is more than a fifth away.
  const auto width = [](int pieces) {
    std::vector<Part> parts = {{{60, 360, 60, 75}}};
    for (int k = 0; k < pieces; ++k) parts.push_back({{150, 276, 105 + 33 * k, 108 + 33 * k}});
    return ink_in(drawn(420, 450, parts)).box.width();
  };
  BOOST_TEST((width(7) + 5 < width(8) && width(8) == width(9)));
}

BOOST_AUTO_TEST_CASE(what_the_pictures_edge_cuts_off_is_no_digit) {
  // A block longer than the digit, at each edge or up to 2 of 160 pixels away from it.
  const Box digit{70, 130, 80, 89};
  for (const int away : {0, 2, 3}) {
    for (int quarter = 0; quarter < 4; ++quarter) {
      const Box blocks[] = {{away, 30 + away, 45, 125},
                            {60, 140, away, 30 + away},
                            {170 - away, 200 - away, 45, 125},
                            {60, 140, 130 - away, 160 - away}};
      const Picture picture = drawn(200, 160, {{digit}, {blocks[quarter]}});
      if (away < 3) {
        BOOST_TEST((box_in(picture, digit) == digit), away << ", side " << quarter);
      } else {
        BOOST_TEST(refused(picture) == "F: expected one digit, found 2: cut out one of them");
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(what_the_edge_cuts_off_is_the_digit_where_all_else_is_less_than_three_tenths_as_long) {
  const auto length = [](int other) {
    return ink_in(drawn(160, 160, {{{70, 79, 0, 100}}, {{110, 110 + other, 140, 146}}})).box.longer();
  };
  BOOST_TEST((length(29) == 100 && length(31) == 31));
}

BOOST_AUTO_TEST_CASE(a_frame_surrounds_something) {
  // Three sides of a frame around a bar that ends where they do, or a pixel before.
  for (const int end : {109, 110}) {
    for (int turn = 0; turn < 4; ++turn) {
      const Picture picture = drawn(160, 160, [&](int i, int j) {
        const int down = turn % 2 == 0 ? i : 159 - i, over = turn % 2 == 0 ? j : 159 - j;
        const int y = turn < 2 ? down : over, x = turn < 2 ? over : down;
        const bool frame = within({30, 110, 40, 120}, y, x) && !within({36, 110, 46, 114}, y, x);
        return frame || within({50, end, 76, 85}, y, x) ? 0 : 255;
      });
      BOOST_TEST(ink_in(picture).box.longer() == (end == 109 ? 59 : 80), "turn " << turn);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_frame_follows_the_sides_of_its_box) {
  // A ring with a tongue that reaches inward. Of its 520 pixels 442 are within an eighth of the box, 85 %: with a pixel
  // less, they are more than that.
  for (const int inside : {77, 78}) {
    const Box digit{70, 100, 90, 95};
    const Picture picture = drawn(150, 180, [&](int i, int j) {
      const bool ring = within({30, 110, 50, 130}, i, j) && !within({31, 109, 51, 129}, i, j);
      const bool tongue = i > 30 && j >= 60 && j < 74 && (i < 40 || (i - 40) * 14 + j - 60 < inside);
      return ring || tongue || within(digit, i, j) ? 0 : 255;
    });
    BOOST_TEST((ink_in(picture).box.longer() == 80) == (inside == 78));
  }
}

BOOST_AUTO_TEST_CASE(many_pieces_are_a_pattern) {
  const auto said = [](int count) {
    return refused(drawn(200, 300, [&](int i, int j) {
      const bool dot = i >= 20 && j >= 20 && (i - 20) % 40 < 10 && (j - 20) % 40 < 10;
      return dot && (i - 20) / 40 * 7 + (j - 20) / 40 < count ? 0 : 255;
    }));
  };
  BOOST_TEST(said(20) == "F: expected one digit, found 20: cut out one of them");
  BOOST_TEST(said(21) == "F: expected one digit, found 21 pieces, none much larger than the others");
}

BOOST_AUTO_TEST_CASE(specks_are_no_digit_and_large_pictures_are_looked_at_from_afar) {
  // Up to a quarter of a million pixels at once: of larger pictures, what is measured is a whole number of pixels.
  const auto said = [](int rows, int columns, const Box& speck) { return refused(drawn(rows, columns, {{speck}})); };
  const auto specks = [](int pixels) {
    return "F: expected a digit, found only specks of at most " + std::to_string(pixels) + " pixels";
  };
  BOOST_TEST(said(512, 512, {201, 204, 201, 204}) == specks(3));
  BOOST_TEST(said(512, 513, {201, 204, 201, 204}) == specks(4));
  BOOST_TEST(said(1024, 1024, {240, 244, 240, 244}) == specks(4));
  BOOST_TEST(said(1025, 1023, {240, 244, 240, 244}) == specks(6));
  // A fiftieth of the picture may be a digit.
  BOOST_TEST(said(500, 500, {201, 210, 201, 204}) == specks(9));
  BOOST_TEST(said(500, 500, {201, 211, 201, 204}) == "not refused");
}

BOOST_AUTO_TEST_CASE(ink_is_a_twenty_fifth_of_the_way_to_black_at_least) {
  const auto said = [](int paper, int ink) { return refused(drawn(200, 160, {{bar, ink}}, paper)); };
  BOOST_TEST(said(255, 244) == "not refused");
  BOOST_TEST(said(250, 240) == "not refused");  // just that
  BOOST_TEST(said(255, 246) ==
             "F: expected a digit that stands out from its paper, found no ink: brightness 246 to 255 of 255");
  BOOST_TEST(refused(drawn(200, 260, {{bar, 246}, {{60, 120, 150, 159}, 246}})) ==
             "F: expected a digit that stands out from its paper, found no ink: brightness 246 to 255 of 255");
  BOOST_TEST(said(0, 11) == "not refused");
  BOOST_TEST(
      said(0, 9).starts_with("F: expected a digit that stands out from its paper, found no ink: brightness 0 to 9"));
}

BOOST_AUTO_TEST_CASE(frames_are_left_out) {
  // A frame of this width at this distance from the edge of 150 x 180 pixels, and a digit in it.
  const Box digit{50, 100, 70, 78};
  const auto framed = [&](const Box& frame, int width) {
    return drawn(150, 180, [&](int i, int j) {
      const Box inner{frame.top + width, frame.bottom - width, frame.left + width, frame.right - width};
      return within(digit, i, j) || (within(frame, i, j) && !within(inner, i, j)) ? 0 : 255;
    });
  };
  for (const int width : {1, 3, 8, 15}) {
    BOOST_TEST((box_in(framed({0, 150, 0, 180}, width), digit) == digit), width);
    BOOST_TEST((box_in(framed({3, 147, 4, 176}, width), digit) == digit), width);
  }
  // Off the center, smaller than the page.
  for (const int width : {1, 3, 6}) BOOST_TEST((box_in(framed({20, 120, 40, 140}, width), digit) == digit), width);
  // With nothing in it, a ring is a zero.
  const Box ring{40, 100, 60, 110};
  const Ink zero = ink_in(
      drawn(150, 180, [&](int i, int j) { return within(ring, i, j) && !within({46, 94, 66, 104}, i, j) ? 0 : 255; }));
  BOOST_TEST((zero.box == Box{36, 96, 36, 86}));
}

BOOST_AUTO_TEST_CASE(bars_in_the_margin_are_left_out) {
  const Box digit{50, 100, 70, 78};
  for (const Box& margin : {Box{0, 150, 0, 9},
                            {0, 150, 172, 180},
                            {0, 8, 0, 180},
                            {141, 150, 0, 180},
                            {20, 130, 6, 15},
                            {20, 130, 163, 172},
                            {7, 16, 20, 160},
                            {134, 143, 20, 160}}) {
    BOOST_TEST((box_in(150, 180, {{digit}, {margin}}) == digit), margin.top << ' ' << margin.left);
  }
}

BOOST_AUTO_TEST_CASE(bars_are_narrow_and_near_the_edge) {
  const Box digit{50, 100, 70, 78};
  const auto left_out = [&](const Box& margin) {
    const Picture picture = drawn(150, 180, {{digit}, {margin}});
    return refused(picture) == "not refused" && ink_in(picture).box.height() == 50;
  };
  // A pixel more than 6 % of 150, and nearly all of it within an eighth: 18 pixels.
  BOOST_TEST((left_out({20, 130, 6, 16}) && !left_out({20, 130, 6, 17})));
  BOOST_TEST((left_out({20, 130, 10, 19}) && !left_out({20, 130, 11, 20})));
  BOOST_TEST((left_out({20, 130, 161, 170}) && !left_out({20, 130, 160, 169})));
  BOOST_TEST((left_out({10, 19, 25, 155}) && !left_out({11, 20, 25, 155})));
  BOOST_TEST((left_out({131, 140, 25, 155}) && !left_out({130, 139, 25, 155})));
}

BOOST_AUTO_TEST_CASE(of_a_bar_in_the_margin_more_than_85_in_a_hundred_is_near_the_edge) {
  // 7 of its columns are within an eighth of 150 pixels, one and a part of another one beyond it: of 840 pixels, 714.
  const Box digit{50, 100, 70, 78};
  const auto left_out = [&](int beyond) {
    return ink_in(drawn(150, 180, {{digit}, {{25, 127, 11, 19}}, {{25, 25 + beyond, 19, 20}}})).box.height() == 50;
  };
  BOOST_TEST((left_out(23) && !left_out(24)));
}

BOOST_AUTO_TEST_CASE(of_a_bar_that_is_left_out_not_even_the_first_pixel_stays) {
  // It begins in the corner, three hundredths of its length away from a digit that the edge cuts off.
  const Ink ink = ink_in(drawn(160, 160, [](int i, int j) {
    const bool digit = i < 100 && j >= 3 + i / 2 && j < 5 + i / 2;
    return digit || (i < 60 && j == 0) ? 0 : 255;
  }));
  BOOST_TEST((ink.strength(0, 0) == 0 && ink.strength(0, 3) == 1 && ink.box.left > 0));
}

BOOST_AUTO_TEST_CASE(in_the_margin_what_is_shorter_than_a_quarter_of_the_picture_is_no_bar) {
  const auto said = [](int length) { return refused(drawn(200, 160, {{{100, 100 + length, 8, 14}}})); };
  BOOST_TEST(said(39) == "not refused");
  BOOST_TEST(said(40).starts_with("F: expected a digit that stands out from its paper, found no ink"));
}

BOOST_AUTO_TEST_CASE(what_is_darker_within_a_bar_in_the_margin_is_no_digit) {
  const Box dark{100, 139, 8, 14};
  BOOST_TEST(refused(drawn(200, 160, {{dark}})) == "not refused");
  BOOST_TEST(refused(drawn(200, 160, {{dark}, {{60, 170, 8, 14}, 128}}))
                 .starts_with("F: expected a digit that stands out from its paper, found no ink"));
}

BOOST_AUTO_TEST_CASE(what_is_only_close_up_a_part_of_a_bar_at_the_edge_is_no_digit) {
  // A short T at the edge, and gray of 32 % along the edge, which counts as ink from 30 % on close up, 35 % from afar.
  const Box stem{100, 130, 0, 3}, tongue{113, 116, 3, 11}, gray{60, 170, 0, 3};
  BOOST_TEST(refused(drawn(200, 160, {{stem}, {tongue}})) == "not refused");
  BOOST_TEST(refused(drawn(200, 160, {{stem}, {tongue}, {gray, 173}}))
                 .starts_with("F: expected a digit that stands out from its paper, found no ink"));
}

BOOST_AUTO_TEST_CASE(a_ring_as_high_and_wide_as_three_quarters_of_the_page_is_a_frame) {
  const auto is_frame = [](int height, int width) {
    const Box ring{20, 20 + height, 20, 20 + width}, inner{31, 9 + height, 31, 9 + width};
    return refused(drawn(160, 160, [&](int i, int j) {
             return within(ring, i, j) && !within(inner, i, j) ? 0 : 255;
           })) != "not refused";
  };
  BOOST_TEST((is_frame(120, 120) && is_frame(120, 130) && is_frame(130, 120)));
  BOOST_TEST((!is_frame(119, 120) && !is_frame(120, 119)));
}

BOOST_AUTO_TEST_CASE(a_speck_in_the_corner_may_be_a_part_of_what_was_trimmed) {
  // A seven whose upper bar begins two pixels away from the corner: less than three hundredths of its length.
  const Ink ink = ink_in(drawn(31, 70, [](int i, int j) {
    const bool bar = i == 0 && j >= 2, slope = j * 31 >= 69 * (30 - i) && j * 31 <= 69 * (31 - i);
    return bar || slope || (i == 0 && j == 0) ? 0 : 255;
  }));
  BOOST_TEST((ink.strength.whole() == Box{0, 31, 0, 70}));
  BOOST_TEST((ink.strength(0, 0) == 1 && ink.strength(3, 0) == 0));
}

BOOST_AUTO_TEST_CASE(a_stroke_across_what_was_trimmed_is_no_line) {
  // The upper bar of a seven.
  const Ink ink =
      ink_in(drawn(70, 60, [](int i, int j) { return i < 5 || std::abs(j - 50 + i * 5 / 7) < 5 ? 0 : 255; }));
  BOOST_TEST((ink.strength.whole() == Box{0, 70, 0, 60}));
  BOOST_TEST((ink.strength(2, 0) == 1 && ink.strength(2, 20) == 1 && ink.strength(2, 59) == 1));
}

BOOST_AUTO_TEST_CASE(what_is_in_a_frame_is_a_quarter_as_long_as_it_at_least) {
  const auto is_frame = [](int inside) {
    const Ink ink = ink_in(drawn(160, 180, [&](int i, int j) {
      const bool ring = within({40, 120, 50, 130}, i, j) && !within({43, 117, 53, 127}, i, j);
      return ring || within({65, 65 + inside, 86, 92}, i, j) ? 0 : 255;
    }));
    return ink.box.longer() < 60;
  };
  BOOST_TEST((is_frame(30) && is_frame(21) && !is_frame(20)));
}

BOOST_AUTO_TEST_CASE(in_small_pictures_strokes_are_no_lines) {
  const auto said = [](int rows) { return refused(drawn(rows, 60, {{{20, 21, 8, 53}}})); };
  BOOST_TEST(said(39) == "not refused");
  BOOST_TEST(said(40) != "not refused");
}

BOOST_AUTO_TEST_CASE(in_the_shade_ink_is_as_strong_as_in_the_light) {
  // It absorbs a share of the light, and on dark paper it adds to it; the light falls off from one side to the other.
  for (const int side : {160, 300}) {
    for (const int place : {side / 6, side / 2 - 4, side * 5 / 6 - 9}) {
      for (const int turn : side == 160 ? std::vector{0, 1, 2, 3} : std::vector{1}) {
        for (const bool bright : {false, true}) {
          const Box digit{side / 2 - 35, side / 2 + 35, place, place + 9};
          const Picture picture = drawn(side, side, [&](int i, int j) {
            const int down = turn < 2 ? i : j, over = turn < 2 ? j : i, dark = turn % 2 == 0 ? over : side - 1 - over;
            const double light = 1 - 0.6 * dark / side;
            const bool ink = within(digit, down, over);
            return bright ? 90 * light + (ink ? 120 : 0) : 245 * light * (ink ? 0.4 : 1);
          });
          const Ink ink = ink_in(picture);
          const Box cut = cut_around(digit, side, side);
          BOOST_TEST_CONTEXT("side " << side << ", at " << place << ", turn " << turn << ", bright " << bright) {
            const Plane& plane = ink.strength;
            const bool turned = turn > 1;
            BOOST_TEST_REQUIRE(std::abs((turned ? plane.columns : plane.rows) - cut.height()) < 4);
            BOOST_TEST_REQUIRE(std::abs((turned ? plane.rows : plane.columns) - cut.width()) < 4);
            const Box& box = ink.box;
            BOOST_TEST(std::abs(box.longer() - 70) <= 3);
            BOOST_TEST(std::abs(box.shorter() - 9) <= 3);
            float least = 1, most = 0;  // in the middle of the stroke
            for (int k = 6; k < 64; ++k) {
              const float here = turned ? plane(box.top + box.height() / 2, box.left + k)
                                        : plane(box.top + k, box.left + box.width() / 2);
              least = std::min(least, here), most = std::max(most, here);
            }
            BOOST_TEST((least > 0.93f && most <= 1), least << " to " << most);
          }
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(ink_is_the_same_whichever_way_the_picture_is_turned) {
  // A digit that the edge cuts off, or a stroke from the corner, where the light is dim or bright, and noise.
  for (const auto& [side, slope] :
       {std::pair(120, 0.9), std::pair(120, -0.9), std::pair(48, 1.8), std::pair(48, -1.8), std::pair(96, 0.7)}) {
    const int unit = side / 12;
    const auto tone = [&, side = side, slope = slope](int i, int j) {
      const int across = i - 4 * unit, along = 10 * i - 45 * unit - 10 * (5 * unit - j);
      const bool bar = across >= 0 && 10 * across < 9 * unit && j < 5 * unit;
      const bool ink = bar || (std::abs(along) < 6 * unit && across >= 0 && across < 5 * unit);
      const bool stroke = 10 * std::abs(i - j) < 6 * unit && i + j < 10 * unit;
      return (175 + slope * (j - side / 2)) * ((side == 96 ? stroke : ink) ? 0.4 : 1) +
             (i * 7919 + j * 104729) % 31 % 3;
    };
    const auto ink_of = [&, side = side](int turn) {
      return ink_in(drawn(side, side, [&](int i, int j) {
        const int y = turn % 4 < 2 ? i : side - 1 - i, x = turn % 2 == 0 ? j : side - 1 - j;
        return turn < 4 ? tone(y, x) : tone(x, y);
      }));
    };
    const Ink first = ink_of(0);
    BOOST_TEST(first.box.left == 0);
    for (int turn = 1; turn < 8; ++turn) {
      const Ink ink = ink_of(turn);
      const Plane &one = first.strength, &other = ink.strength;
      BOOST_TEST_REQUIRE(
          ((turn < 4 ? one.rows : one.columns) == other.rows && one.values.size() == other.values.size()));
      float most = 0;
      for (int i = 0; i < other.rows; ++i) {
        for (int j = 0; j < other.columns; ++j) {
          const int y = turn % 4 < 2 ? i : other.rows - 1 - i, x = turn % 2 == 0 ? j : other.columns - 1 - j;
          most = std::max(most, std::abs(other(i, j) - (turn < 4 ? one(y, x) : one(x, y))));
        }
      }
      BOOST_TEST(most < 1e-5f, "turn " << turn << ", slope " << slope << ": " << most);
    }
  }
}

BOOST_AUTO_TEST_CASE(in_the_shade_thick_strokes_are_not_hollow) {
  // Wider than a third of the picture.
  const Box block{45, 115, 45, 115};
  const Ink ink = ink_in(drawn(160, 160, [&](int i, int j) { return within(block, i, j) ? 40 : 200 - 0.25 * j; }));
  const Box& box = ink.box;
  BOOST_TEST(ink.strength(box.top + box.height() / 2, box.left + box.width() / 2) > 0.9f);
}

BOOST_AUTO_TEST_CASE(in_the_shade_ink_may_be_wider_than_the_picture_is_high) {
  const Box block{0, 12, 30, 56};
  const Picture picture =
      drawn(12, 100, [&](int i, int j) { return (220 - 0.3 * j) * (within(block, i, j) ? 0.3 : 1); });
  const Ink ink = ink_in(picture);
  const Box& box = ink.box;
  BOOST_TEST(ink.strength(box.top + box.height() / 2, box.left + box.width() / 2) > 0.9f);
}

BOOST_AUTO_TEST_CASE(in_large_pictures_in_the_shade_thick_strokes_are_not_hollow_either) {
  // Reduced from afar, and close up by another factor.
  const Box block{300, 700, 300, 700};
  const Ink ink = ink_in(drawn(1024, 1024, [&](int i, int j) { return within(block, i, j) ? 40 : 200 - 0.04 * j; }));
  const Box& box = ink.box;
  BOOST_TEST(ink.strength(box.top + box.height() / 2, box.left + box.width() / 2) > 0.9f);
}

BOOST_AUTO_TEST_CASE(in_large_pictures_a_shadow_with_a_hard_edge_is_no_ink) {
  // Where the paper is looked at in a reduced picture: from afar, and close up.
  const auto ink_beside_a_shadow = [](int side, const Box& digit, int shadow) {
    return ink_in(
        drawn(side, side, [&](int i, int j) { return (j < shadow ? 240 : 150) * (within(digit, i, j) ? 0.2 : 1); }));
  };
  const Ink afar = ink_beside_a_shadow(500, {200, 290, 100, 112}, 300);
  BOOST_TEST((afar.box.height() == 90 && afar.box.width() == 12), afar.box.height() << "x" << afar.box.width());
  const Ink close = ink_beside_a_shadow(1000, {300, 700, 400, 440}, 500);
  BOOST_TEST((close.box.height() == 100 && close.box.width() == 10), close.box.height() << "x" << close.box.width());
}

BOOST_AUTO_TEST_CASE(along_a_stroke_the_light_may_fall_off) {
  for (const bool bright : {false, true}) {
    const Ink ink = ink_in(drawn(160, 160, [&](int i, int j) {
      const bool digit = within({70, 79, 40, 110}, i, j);
      return bright ? 10 + 0.5 * j + (digit ? 100 : 0) : (250 - j) * (digit ? 0.4 : 1);
    }));
    const Box& box = ink.box;
    BOOST_TEST(std::abs(ink.strength(box.top + 4, box.left + 5) - ink.strength(box.top + 4, box.right - 6)) < 0.05f);
    BOOST_TEST(std::abs(box.longer() - 70) <= 2);
    BOOST_TEST(std::abs(box.shorter() - 9) <= 2);
  }
}

namespace {

/// A box of ink on paper of this tone with normal noise.
Picture noisy(int rows, int columns, const Box& digit, double ink, double paper, double deviation) {
  boost::random::mt19937 engine(1);
  return drawn(rows, columns, [&](int i, int j) {
    double sum = -6;  // of twelve numbers from 0 to 1: nearly normal, with a standard deviation of 1
    for (int k = 0; k < 12; ++k) sum += engine() / 4294967296.0;
    return std::clamp((within(digit, i, j) ? ink : paper) + deviation * sum, 0.0, 255.0);
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(ink_must_be_stronger_than_what_noise_may_be) {
  // A threshold must be more than four times the noise that is left after smoothing, as a camera has it: thirteen
  // tenths of what noise would be left if it were different from pixel to pixel.
  const auto said = [](int rows, const Box& digit, double strength, double deviation) {
    const std::string all = refused(noisy(rows, 200, digit, 180 * (1 - strength), 180, deviation));
    return all.find("found no ink") == all.npos ? all : "found no ink";
  };
  const Box block{70, 130, 70, 130};
  const auto part = [](int rows) { return Box{rows / 2 - 30, rows / 2 + 30, 86, 114}; };
  // Hardly any noise is not smoothed, more of it over 3 and over 5 pixels.
  BOOST_TEST(said(200, block, 0.055, 1.4) == "not refused");
  BOOST_TEST(said(200, block, 0.055, 1.8) == "found no ink");
  BOOST_TEST(said(99, part(99), 0.15, 8) == "not refused");
  BOOST_TEST(said(99, part(99), 0.15, 12) == "found no ink");
  BOOST_TEST(said(200, block, 0.15, 14) == "not refused");
  BOOST_TEST(said(200, block, 0.15, 17.5) == "found no ink");
  // In pictures of less than 100 pixels over 3 at most.
  BOOST_TEST(said(99, part(99), 0.15, 13) == "found no ink");
  BOOST_TEST(said(100, part(100), 0.15, 13) == "not refused");
}

BOOST_AUTO_TEST_CASE(pictures_with_hardly_any_noise_are_not_smoothed) {
  // Noise of more than 1.2 % of the light is: then strokes are a pixel wider on both sides.
  for (const int side : {90, 200}) {
    const Box digit = side == 200 ? bar : Box{15, 75, 40, 49};
    for (const auto& [deviation, wider] : {std::pair(2.0, 0), std::pair(2.8, 1)}) {
      const Ink ink = ink_in(noisy(side, side, digit, 60, 200, deviation));
      BOOST_TEST((ink.box.height() == 60 + 2 * wider && ink.box.width() == 9 + 2 * wider), side << ' ' << deviation);
    }
    // Noise of 5 % is smoothed over 5 pixels, if there are enough of them.
    for (const auto& [deviation, wider] : {std::pair(2.0, 0), std::pair(2.8, 1), std::pair(10.4, 2)}) {
      const Ink ink = ink_in(noisy(260, 240, {80, 180, 110, 125}, 20, 200, deviation));
      BOOST_TEST((ink.box.height() == 100 + 2 * wider && ink.box.width() == 15 + 2 * wider), deviation);
    }
  }
}
