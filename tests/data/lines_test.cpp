#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

import rnn.data.components;
import rnn.data.lines;

using namespace rnn;

namespace {

Mask page(int rows, int columns) {
  return {rows, columns, std::vector<std::uint8_t>(std::size_t(rows) * std::size_t(columns))};
}

/// A line from column `begin` to `end`; on the page's left side it is at row `top`, on its right side `drop` rows
/// lower.
void draw_line(Mask& mask, int top, double drop, int thickness = 1, int begin = 0, int end = 1 << 20) {
  for (int j = begin; j < std::min(end, mask.columns); ++j) {
    const int first = top + int(std::lround(drop * (j + 0.5) / mask.columns));
    for (int i = first; i < first + thickness; ++i) {
      if (mask.holds(i, j)) mask(i, j) = 1;
    }
  }
}

int ink(const Mask& mask) { return int(std::ranges::count(mask.values, 1)); }

/// How many pixels are left of what is drawn, upright and lying down: the same number.
template <class Draw>
int left_of(int rows, int columns, Draw draw) {
  Mask mask = page(rows, columns);
  draw(mask);
  Mask upright = transposed(mask);
  remove_lines(mask);
  remove_lines(upright);
  BOOST_TEST(transposed(upright).values == mask.values, boost::test_tools::per_element());
  return ink(mask);
}

}  // namespace

BOOST_AUTO_TEST_CASE(lines_are_removed_wherever_they_are_and_however_they_are_turned) {
  for (const int top : {0, 1, 40, 98, 99}) {
    BOOST_TEST(left_of(100, 200, [&](Mask& mask) { draw_line(mask, top, 0); }) == 0, "at row " << top);
  }
  for (const double drop : {-20.0, -13.0, -12.5, -1.0, 0.5, 1.0, 6.0, 6.5, 20.0}) {
    BOOST_TEST(left_of(100, 200, [&](Mask& mask) { draw_line(mask, 50, drop); }) == 0, "dropping by " << drop);
  }
  // On a wide page a line drops by more than a row from one place that is looked at to the next.
  for (const double drop : {-80.0, 80.0}) {
    BOOST_TEST(left_of(100, 800, [&](Mask& mask) { draw_line(mask, 50 - int(drop / 2), drop, 1, 30, 770); }) == 0);
  }
  // Not longer than the page is high: from corner to corner.
  BOOST_TEST(left_of(20, 400, [](Mask& mask) { draw_line(mask, 0, 20); }) == 0);
  BOOST_TEST(left_of(20, 400, [](Mask& mask) { draw_line(mask, 19, -20); }) == 0);
  BOOST_TEST(left_of(5, 4, [](Mask& mask) { draw_line(mask, 2, 0); }) == 0);
}

BOOST_AUTO_TEST_CASE(a_ragged_line_is_removed_wherever_it_is) {
  for (const int columns : {10, 200}) {
    for (const int top : {0, 1, 40, 97, 98}) {
      const auto ragged = [&](Mask& mask) {
        for (int j = 0; j < columns; ++j) mask(top + j % 2, j) = 1;
      };
      BOOST_TEST(left_of(100, columns, ragged) == 0, "of " << columns << " at row " << top);
    }
  }
}

BOOST_AUTO_TEST_CASE(ruled_paper_and_grids_are_removed) {
  const auto ruled = [](Mask& mask) {
    for (int top = -10; top < 130; top += 15) draw_line(mask, top, 8, 2);
  };
  BOOST_TEST(left_of(120, 150, ruled) == 0);
  // Of a grid, what is at its crossings stays.
  Mask upright = page(150, 120);
  for (const int left : {30, 60, 90}) draw_line(upright, left, 0);
  Mask grid = transposed(upright);
  for (const int top : {10, 40, 70, 100}) draw_line(grid, top, 0);
  remove_lines(grid);
  for (int i = 0; i < grid.rows; ++i) {
    for (int j = 0; j < grid.columns; ++j) {
      const int down = std::abs((i + 5) % 30 - 15), over = std::abs((j + 15) % 30 - 15);
      if (grid(i, j)) BOOST_TEST((down < 4 && over < 4), i << ' ' << j);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_line_is_thin_and_three_quarters_as_long_as_the_page) {
  const auto left = [](int rows, int columns, int thickness, int begin, int end) {
    return left_of(rows, columns, [&](Mask& mask) { draw_line(mask, 40, 0, thickness, begin, end); });
  };
  BOOST_TEST(left(100, 200, 1, 25, 175) == 0);
  BOOST_TEST(left(100, 200, 1, 0, 150) == 0);
  BOOST_TEST(left(100, 200, 1, 50, 200) == 0);
  BOOST_TEST(left(100, 200, 1, 26, 175) == 149);
  BOOST_TEST(left(100, 200, 5, 0, 200) == 0);  // 5.5 % of the shorter side
  BOOST_TEST(left(100, 200, 25, 0, 200) == 25 * 200);
  BOOST_TEST(left(50, 40, 3, 0, 40) == 0);  // but at least three pixels
  // On a page too narrow for lines that drop, one row more is too thick.
  BOOST_TEST(left(60, 9, 3, 0, 9) == 0);
  BOOST_TEST(left(60, 9, 4, 0, 9) == 4 * 9);
}

BOOST_AUTO_TEST_CASE(lines_are_removed_above_and_below_what_is_too_thick_for_one) {
  const auto left = left_of(100, 200, [](Mask& mask) {
    draw_line(mask, 20, 0);
    draw_line(mask, 40, 0, 25);
    draw_line(mask, 80, 0);
  });
  BOOST_TEST(left == 25 * 200);
}

BOOST_AUTO_TEST_CASE(two_halves_that_do_not_meet_are_no_line) {
  // The second would go on where the first leaves the page, if the page's end were its beginning.
  for (const bool falling : {true, false}) {
    const auto halves = [&](Mask& mask) {
      draw_line(mask, falling ? 93 : 6, falling ? 12 : -12, 1, 0, 100);
      draw_line(mask, falling ? -6 : 105, falling ? 12 : -12, 1, 100, 200);
    };
    BOOST_TEST(left_of(100, 200, halves) == 200);
  }
}

BOOST_AUTO_TEST_CASE(what_is_too_steep_or_bent_is_no_line) {
  BOOST_TEST(left_of(100, 200, [](Mask& mask) { draw_line(mask, 20, 50); }) == 200);
  BOOST_TEST(left_of(200, 200, [](Mask& mask) {
               for (int j = 0; j < 200; ++j) mask(100 - int(90 * std::sin(j * 0.0157)), j) = 1;
             }) == 200);
}

BOOST_AUTO_TEST_CASE(where_ink_crosses_a_line_the_crossing_stays) {
  for (const int slant : {-1, 0, 1}) {
    Mask stroke = page(100, 200);
    for (int i = 30; i < 70; ++i) {
      for (int k = 0; k < 4; ++k) stroke(i, 100 + slant * (i - 50) + k) = 1;
    }
    Mask mask = stroke;
    draw_line(mask, 50, 0);
    remove_lines(mask);
    for (int i = 0; i < 100; ++i) {
      for (int j = 0; j < 200; ++j) {
        const bool near = i == 50 && std::abs(j - 101) < 9;  // of the line, what is beside the stroke may stay
        if (!near) BOOST_TEST(mask(i, j) == stroke(i, j), i << ' ' << j);
        if (stroke(i, j)) BOOST_TEST(mask(i, j), i << ' ' << j);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(ink_that_only_touches_a_line_loses_the_line) {
  for (const int first : {30, 51}) {  // above it, and below
    Mask mask = page(100, 200);
    draw_line(mask, 50, 0);
    for (int i = first; i < first + 20; ++i) mask(i, 100) = 1;
    remove_lines(mask);
    for (int j = 0; j < 200; ++j) BOOST_TEST(!mask(50, j));
    BOOST_TEST(ink(mask) >= 18);  // a row beside the line may go with it
  }
}
