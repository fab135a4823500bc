#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>

import rnn.data.paper;
import rnn.data.plane;

using namespace rnn;

namespace {

constexpr float white = 200, black = 40;

/// A plane whose number at (i, j) is tone(i, j).
template <class Tone>
Plane drawn(int rows, int columns, Tone tone) {
  Plane plane = filled(rows, columns, 0);
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) plane(i, j) = float(tone(i, j));
  }
  return plane;
}

Plane negative(Plane plane) {
  for (float& value : plane.values) value = 240 - value;  // white for black
  return plane;
}

bool within(const Box& box, int i, int j) { return i >= box.top && i < box.bottom && j >= box.left && j < box.right; }

constexpr Box bar{30, 70, 50, 56};
Plane bar_on_paper() {
  return drawn(100, 120, [](int i, int j) { return within(bar, i, j) ? black : white; });
}

/// Two thick strokes from corner to corner.
Plane cross() {
  return drawn(64, 64, [](int i, int j) { return std::abs(i - j) < 7 || std::abs(i + j - 63) < 7 ? black : white; });
}

}  // namespace

BOOST_AUTO_TEST_CASE(paper_is_the_tone_along_the_edge) {
  for (const bool bright : {true, false}) {
    const Paper paper = paper_of(bright ? bar_on_paper() : negative(bar_on_paper()));
    BOOST_TEST(paper.brighter == bright);
    BOOST_TEST(paper.tone == (bright ? white : black));
    BOOST_TEST(paper.even);
    BOOST_TEST(!paper.trimmed);
    BOOST_TEST(paper.widest == bar.width());
    BOOST_TEST((paper.where == Box{0, 100, 0, 120}));
  }
}

BOOST_AUTO_TEST_CASE(large_pictures_are_measured_in_their_own_pixels) {
  const Paper paper =
      paper_of(drawn(768, 900, [](int i, int j) { return within({200, 500, 300, 354}, i, j) ? black : white; }));
  BOOST_TEST(paper.brighter);
  BOOST_TEST(paper.widest == 54);
  BOOST_TEST((paper.where == Box{0, 768, 0, 900}));
}

BOOST_AUTO_TEST_CASE(paper_is_the_same_tone_everywhere_or_it_is_not) {
  // Of the bar's contrast, a seventh is not much.
  const auto lit = [](double range) {
    return paper_of(
        drawn(100, 120, [&](int i, int j) { return within(bar, i, j) ? double(black) : white - range * j / 119; }));
  };
  BOOST_TEST(lit(0.1 * (white - black)).even);
  BOOST_TEST(!lit(0.25 * (white - black)).even);
}

BOOST_AUTO_TEST_CASE(in_a_picture_of_many_tones_paper_is_what_there_is_more_of_around_each_place) {
  for (const bool bright : {true, false}) {
    const Plane shaded = drawn(100, 120, [](int i, int j) { return (within(bar, i, j) ? 0.4 : 1) * (250 - 1.8 * j); });
    const Paper paper = paper_of(bright ? shaded : negative(shaded));
    BOOST_TEST(paper.brighter == bright);
    BOOST_TEST((!paper.even && !paper.trimmed && paper.widest == 0));
  }
}

BOOST_AUTO_TEST_CASE(a_single_piece_that_reaches_all_sides_was_trimmed_to_its_box) {
  for (const bool bright : {true, false}) {
    const Paper paper = paper_of(bright ? cross() : negative(cross()));
    BOOST_TEST(paper.trimmed);
    BOOST_TEST(paper.brighter == bright);
    BOOST_TEST(paper.tone == (bright ? white : black));
  }
}

BOOST_AUTO_TEST_CASE(a_sheet_on_a_table_is_the_paper_and_a_block_is_ink) {
  const Box sheet{15, 85, 20, 100};
  for (const bool bright : {true, false}) {
    const Plane table =
        drawn(100, 120, [&](int i, int j) { return within(sheet, i, j) && !within(bar, i, j) ? white : black; });
    const Paper paper = paper_of(bright ? table : negative(table));
    BOOST_TEST(paper.brighter == bright);
    BOOST_TEST((paper.where == sheet));
    const Plane block = drawn(100, 120, [&](int i, int j) { return within({30, 70, 40, 80}, i, j) ? black : white; });
    const Paper around = paper_of(bright ? block : negative(block));
    BOOST_TEST(around.brighter == bright);
    BOOST_TEST((around.where == Box{0, 100, 0, 120}));
  }
}

BOOST_AUTO_TEST_CASE(a_turned_sheet_is_the_paper_without_its_corners) {
  for (const double degrees : {-6, 4, 10}) {
    const double cosine = std::cos(degrees * std::numbers::pi / 180), sine = std::sin(degrees * std::numbers::pi / 180);
    const auto on_sheet = [&](int i, int j) {
      const double y = i - 100, x = j - 120;
      return std::abs(x * cosine + y * sine) < 80 && std::abs(y * cosine - x * sine) < 60;
    };
    const Paper paper = paper_of(drawn(
        200, 240, [&](int i, int j) { return on_sheet(i, j) && !within({80, 120, 115, 125}, i, j) ? white : black; }));
    BOOST_TEST(paper.brighter);
    BOOST_TEST((paper.where.height() > 90 && paper.where.width() > 120), degrees << " degrees");
    // Nine tenths of each side are on the sheet.
    const Box& box = paper.where;
    int top = 0, bottom = 0, left = 0, right = 0;
    for (int j = box.left; j < box.right; ++j) top += on_sheet(box.top, j), bottom += on_sheet(box.bottom - 1, j);
    for (int i = box.top; i < box.bottom; ++i) left += on_sheet(i, box.left), right += on_sheet(i, box.right - 1);
    BOOST_TEST((top > 0.85 * box.width() && bottom > 0.85 * box.width()));
    BOOST_TEST((left > 0.85 * box.height() && right > 0.85 * box.height()));
  }
}

BOOST_AUTO_TEST_CASE(the_tone_of_paper_is_the_median_of_what_is_not_ink) {
  // Ink from 60 to 100, paper from 170 to 210, in steps of ten rows.
  const Plane plane =
      drawn(100, 120, [](int i, int j) { return (within({20, 80, 30, 70}, i, j) ? 60 : 170) + 10 * (i / 10 % 5); });
  BOOST_TEST(paper_of(plane).tone == 190);
  BOOST_TEST(paper_of(negative(plane)).tone == 50);
}

BOOST_AUTO_TEST_CASE(blank_paper_has_no_second_tone) {
  const Paper paper = paper_of(filled(100, 120, white));
  BOOST_TEST((!paper.even && !paper.trimmed && paper.widest == 0));
}

BOOST_AUTO_TEST_CASE(pictures_of_two_tones_hold_little_that_is_beyond_them) {
  for (const bool bright : {true, false}) {
    const auto widest = [&](float other, int rows) {
      const Plane plane = drawn(100, 120, [&](int i, int j) {
        return i < rows ? other : within(bar, i, j) ? black : white;
      });
      return paper_of(bright ? plane : negative(plane)).widest;
    };
    BOOST_TEST(widest(250, 1) > 0);  // 2 % may be
    BOOST_TEST(widest(250, 5) == 0);
    BOOST_TEST(widest(220, 20) > 0);  // which is hardly another tone
  }
}

BOOST_AUTO_TEST_CASE(ink_may_be_brighter_than_the_paper_in_the_shade) {
  const Plane plane =
      drawn(100, 120, [](int i, int j) { return (within({30, 70, 8, 16}, i, j) ? 0.8 : 1) * (250 - 1.8 * j); });
  BOOST_TEST(paper_of(plane).brighter);
  BOOST_TEST(!paper_of(negative(plane)).brighter);
}

BOOST_AUTO_TEST_CASE(ink_is_seen_by_its_upper_and_by_its_lateral_edges) {
  const auto stripe = [](int across, int along) {
    return (across > 44 && across < 55 ? 0.4 : 1) * (250 - 1.8 * along);
  };
  for (const bool bright : {true, false}) {
    for (const bool level : {true, false}) {
      const Plane plane = drawn(100, 100, [&](int i, int j) { return level ? stripe(i, i) : stripe(j, j); });
      BOOST_TEST(paper_of(bright ? plane : negative(plane)).brighter == bright);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_trimmed_piece_may_miss_the_edges_by_a_pixel) {
  const auto trimmed = [](int top, int bottom, int left, int right) {
    return paper_of(drawn(64 + top + bottom, 64 + left + right,
                          [&](int i, int j) {
                            i -= top, j -= left;
                            return i >= 0 && j >= 0 && i < 64 && j < 64 ? cross()(i, j) : white;
                          }))
        .trimmed;
  };
  BOOST_TEST((trimmed(1, 0, 0, 0) && trimmed(0, 1, 0, 0) && trimmed(0, 0, 1, 0) && trimmed(0, 0, 0, 1)));
  BOOST_TEST((!trimmed(4, 0, 0, 0) && !trimmed(0, 4, 0, 0) && !trimmed(0, 0, 4, 0) && !trimmed(0, 0, 0, 4)));
}
