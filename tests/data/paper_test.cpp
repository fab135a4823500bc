#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <utility>
#include <vector>

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

/// The same picture, turned by a quarter.
Plane turned(const Plane& plane) {
  return drawn(plane.columns, plane.rows, [&](int i, int j) { return plane(plane.rows - 1 - j, i); });
}

/// Pixels of a small picture that are changed one after another, to see how many it takes.
Plane marked(Plane plane, int count, auto place) {
  for (int k = 0; k < count; ++k) {
    const auto [i, j] = place(k);
    plane(i, j) = plane(i, j) == white ? black : white;
  }
  return plane;
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

BOOST_AUTO_TEST_CASE(a_twentieth_of_even_paper_may_be_brighter) {
  // Paper is what is more than 0.06 of the picture's height, and a pixel, away from ink: 28 columns of 20 pixels.
  const auto even = [](int brighter, float by) {
    return paper_of(drawn(20, 40,
                          [&](int i, int j) {
                            const bool spot = i * 28 + j < brighter && j < 28;
                            return j >= 30 && j < 39 ? black : spot ? white + by : white;
                          }))
        .even;
  };
  BOOST_TEST((even(28, 29) && !even(29, 29)));
  BOOST_TEST((even(29, 23) && !even(29, 24)));  // of the contrast, 15 in a hundred
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

BOOST_AUTO_TEST_CASE(strokes_as_thin_as_dust_are_ink_where_there_is_nothing_else) {
  for (const bool bright : {true, false}) {
    const Plane line = drawn(100, 120, [](int i, int j) { return within({30, 70, 50, 51}, i, j) ? black : white; });
    const Paper paper = paper_of(bright ? line : negative(line));
    BOOST_TEST(paper.brighter == bright);
    BOOST_TEST((paper.even && paper.widest == 2));
  }
  // Dust is not: beside a stroke it does not count.
  Plane dusty = bar_on_paper();
  for (int k = 0; k < 100; ++k) dusty(k, (k * 37) % 50) = 0;
  BOOST_TEST(paper_of(dusty).widest == bar.width());
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

BOOST_AUTO_TEST_CASE(dust_in_the_shade_is_not_ink) {
  Plane bright_ink = negative(
      drawn(100, 120, [](int i, int j) { return (within({30, 70, 40, 60}, i, j) ? 0.6 : 1) * (240 - 1.5 * j); }));
  for (int k = 0; k < 300; ++k)
    bright_ink(3 + k % 24 * 4, 62 + k / 24 * 4) = bright_ink(3 + k % 24 * 4, 63 + k / 24 * 4) = 0;
  BOOST_TEST(!paper_of(bright_ink).brighter);
  BOOST_TEST(paper_of(negative(bright_ink)).brighter);
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
  BOOST_TEST((!trimmed(2, 0, 0, 0) && !trimmed(0, 2, 0, 0) && !trimmed(0, 0, 2, 0) && !trimmed(0, 0, 0, 2)));
}

BOOST_AUTO_TEST_CASE(strokes_two_pixels_wide_are_no_dust) {
  // A block, and strokes from it to the edges.
  const Plane plane = drawn(64, 64, [](int i, int j) {
    return within({22, 42, 22, 42}, i, j) || i == 31 || i == 32 || j == 31 || j == 32 ? black : white;
  });
  BOOST_TEST(paper_of(plane).trimmed);
}

BOOST_AUTO_TEST_CASE(the_two_tones_are_those_with_the_most_variance_between_them) {
  boost::random::mt19937 engine(1);
  for (const auto& [rows, columns] : {std::pair(1, 3), std::pair(3, 4), std::pair(7, 9), std::pair(20, 30)}) {
    for (int round = 0; round < 20; ++round) {
      const unsigned range = round % 4 == 0 ? 256 : 255;  // as wide as the histogram has bins, or has limits
      Plane plane = drawn(rows, columns, [&](int, int) { return 17 + engine() % (round % 2 == 0 ? range : 90); });
      plane.values.front() = 17, plane.values.back() = float(17 + range);
      std::vector<float> sorted = plane.values;
      std::ranges::sort(sorted);
      double most = -1;
      std::size_t best = 0;  // values below the threshold
      for (std::size_t below = 1; below < sorted.size(); ++below) {
        if (sorted[below] == sorted[below - 1]) continue;
        double low = 0, high = 0;
        for (std::size_t p = 0; p < sorted.size(); ++p) (p < below ? low : high) += double(sorted[p]);
        const auto lower = double(below), upper = double(sorted.size() - below);
        const double between = lower * upper * std::pow(low / lower - high / upper, 2);
        if (between > most * (1 + 1e-9)) most = between, best = below;
      }
      const Paper paper = paper_of(plane);
      const std::vector<float> dark(sorted.begin(), sorted.begin() + std::ptrdiff_t(best)),
          bright(sorted.begin() + std::ptrdiff_t(best), sorted.end());
      BOOST_TEST(paper.tone == quantile(paper.brighter ? bright : dark, 0.5), rows << " x " << columns);
    }
  }
}

BOOST_AUTO_TEST_CASE(of_two_ways_to_split_the_tones_that_are_nearly_as_good_the_better_one_counts) {
  // 2 · 4 · 148.5² is more than 5 · 187.2².
  BOOST_TEST(paper_of({1, 6, {17, 17, 130, 130, 130, 272}}).tone == 17);
  // Even if it splits what is most alike: 135000² is more than 270000 · 255².
  constexpr std::size_t half = 135000;
  Plane plane{1, 2 * half + 1, std::vector<float>(2 * half + 1, 254)};
  std::fill_n(plane.values.begin(), half, 256.0f), plane.values.back() = 0;
  const Paper paper = paper_of(plane);
  BOOST_TEST(paper.tone == (paper.brighter ? 256 : 254));
}

BOOST_AUTO_TEST_CASE(a_picture_of_two_tones_has_few_between_them) {
  // A bar on the left that is not quite as dark as the ink, or not quite as bright as the paper. Three tenths of the
  // contrast are still the same tone; 18 % of the pixels may be between.
  const auto two_tones = [](float tone, int pixels) {
    const Plane plane = drawn(20, 30, [&](int i, int j) {
      const bool ink = within({4, 16, 12, 24}, i, j), other = j * 20 + i < pixels;
      return other ? tone : ink ? black : white;
    });
    return paper_of(plane).widest > 0;
  };
  BOOST_TEST((two_tones(89, 107) && !two_tones(89, 108)));
  BOOST_TEST((two_tones(151, 107) && !two_tones(151, 108)));
  BOOST_TEST((two_tones(88, 140) && two_tones(152, 140)));
  // Beyond them, by more than a fifth of the contrast, may be 2 %.
  BOOST_TEST((two_tones(250, 11) && !two_tones(250, 12) && two_tones(0, 11) && !two_tones(0, 12)));
  BOOST_TEST((two_tones(232, 100) && !two_tones(233, 100) && two_tones(8, 100) && !two_tones(7, 100)));
}

BOOST_AUTO_TEST_CASE(noise_does_not_hide_that_there_are_two_tones) {
  boost::random::mt19937 engine(1);
  const auto normal = [&] {
    double sum = -6;
    for (int k = 0; k < 12; ++k) sum += engine() / 4294967296.0;
    return sum;
  };
  const auto noisy = [&](double deviation) {
    return drawn(100, 120, [&](int i, int j) { return (within(bar, i, j) ? 40 : 200) + deviation * normal(); });
  };
  BOOST_TEST((paper_of(noisy(40)).widest > 0 && paper_of(noisy(40)).brighter));
  BOOST_TEST(paper_of(noisy(100)).widest == 0);  // more than the half of the contrast
}

BOOST_AUTO_TEST_CASE(ink_one_pixel_from_the_edge_decides_if_it_is_all_there_is) {
  // A slope, and a short dash.
  const Plane dash = drawn(24, 24, [](int i, int j) { return 60 + 6 * j - (i == 1 && j > 9 && j < 14 ? 60 : 0); });
  Plane plane = dash;
  for (int quarter = 0; quarter < 4; ++quarter, plane = turned(plane)) {
    BOOST_TEST(paper_of(plane).brighter);
    BOOST_TEST(!paper_of(negative(plane)).brighter);
    Plane faint = plane;
    for (float& value : faint.values) value /= 1000;
    BOOST_TEST(paper_of(faint).brighter);
  }
}

BOOST_AUTO_TEST_CASE(the_shade_around_ink_is_not_the_papers_tone) {
  // A halo that is a fifth of the contrast darker than the paper. 70 pixels, so 5.2 of them belong to the edge; of 50
  // just 4.
  const auto even = [](int width, int rows = 70) {
    return paper_of(drawn(rows, rows + 20,
                          [&](int i, int j) {
                            const Box ink{15, rows - 15, 20, rows};
                            const int away =
                                std::max({ink.top - i, i - ink.bottom + 1, ink.left - j, j - ink.right + 1});
                            return away <= 0 ? 40 : away <= width ? 168 : 200;
                          }))
        .even;
  };
  BOOST_TEST((even(0) && even(4) && even(5)));
  BOOST_TEST((!even(6) && !even(8)));
  BOOST_TEST((even(4, 50) && !even(5, 50)));
}

BOOST_AUTO_TEST_CASE(ink_is_no_wider_than_the_picture) {
  // Strokes on paper at one end of a long picture; all else is as dark as the strokes.
  const Paper paper =
      paper_of(drawn(24, 120, [](int i, int j) { return j >= 36 || (j % 6 == 3 && i > 6 && i < 17) ? black : white; }));
  BOOST_TEST(paper.brighter);
  BOOST_TEST(paper.widest == 48);  // a stroke's width is twice the depth, which is that of the picture at most
}

BOOST_AUTO_TEST_CASE(a_sheet_in_a_large_picture_is_measured_in_its_pixels) {
  const Box sheet{100, 420, 160, 500};
  for (const auto& [rows, columns] : {std::pair(520, 600), std::pair(521, 601)}) {
    const Paper paper = paper_of(drawn(rows, columns, [&](int i, int j) {
      return within(sheet, i, j) && !within({220, 300, 300, 320}, i, j) ? white : black;
    }));
    BOOST_TEST(paper.brighter);
    BOOST_TEST((paper.where == sheet));
  }
}

BOOST_AUTO_TEST_CASE(a_sheet_is_the_largest_piece_of_its_tone) {
  for (const bool before : {true, false}) {
    const Box crumb = before ? Box{1, 5, 2, 3} : Box{25, 29, 24, 25}, sheet{6, 22, 6, 21};
    const Paper paper = paper_of(drawn(30, 30, [&](int i, int j) {
      return within(crumb, i, j) || (within(sheet, i, j) && !within({9, 18, 12, 14}, i, j)) ? white : black;
    }));
    BOOST_TEST(paper.brighter);
    BOOST_TEST((paper.where == sheet));
  }
}

BOOST_AUTO_TEST_CASE(a_sheet_is_nine_tenths_of_a_rectangle) {
  // 15 x 20 pixels, of which 29 may be missing: a notch from above, which is no mark on the sheet.
  const Box sheet{7, 22, 6, 26};
  const Plane whole = drawn(
      30, 34, [&](int i, int j) { return within(sheet, i, j) && !within({14, 18, 9, 11}, i, j) ? white : black; });
  const auto bitten = [&](int pixels) {
    return marked(whole, pixels, [](int k) { return std::pair(7 + k % 10, 14 + k / 10); });
  };
  Plane enough = bitten(29), not_enough = bitten(30);
  for (int quarter = 0; quarter < 4; ++quarter, enough = turned(enough), not_enough = turned(not_enough)) {
    BOOST_TEST((paper_of(enough).brighter && paper_of(negative(enough)).tone == 240 - white));
    BOOST_TEST((!paper_of(not_enough).brighter && paper_of(not_enough).where == not_enough.whole()));
  }
}

BOOST_AUTO_TEST_CASE(a_sheet_may_be_turned_by_twenty_degrees) {
  const auto turned_sheet = [](int degrees) {
    const double cosine = std::cos(degrees * std::numbers::pi / 180), sine = std::sin(degrees * std::numbers::pi / 180);
    return drawn(200, 250, [&](int i, int j) {
      const double y = i - 100, x = j - 125, along = std::abs(x * cosine + y * sine),
                   across = std::abs(y * cosine - x * sine);
      return along < 90 && across < 28 && (along > 10 || across > 5) ? white : black;
    });
  };
  const auto is_sheet = [&](int degrees) { return paper_of(turned_sheet(degrees)).brighter; };
  BOOST_TEST((is_sheet(-20) && is_sheet(-11) && is_sheet(11) && is_sheet(20)));
  BOOST_TEST((!is_sheet(-27) && !is_sheet(27)));
  // Of a narrow one, half as much as its box is high stays, though its sides are still not on the sheet.
  const Plane plane = turned_sheet(20);
  int rows = 0;
  for (int i = 0; i < plane.rows; ++i) {
    const auto row = plane.values.begin() + std::ptrdiff_t(i) * plane.columns;
    rows += std::count(row, row + plane.columns, white) > 2;  // less is dust
  }
  BOOST_TEST(paper_of(plane).where.height() == rows / 2);
}

BOOST_AUTO_TEST_CASE(a_sheet_of_paper_has_something_on_it) {
  // A mark of a three-hundredth of the sheet; less is a hole in a block of ink.
  const auto is_sheet = [](int rows, int marks) {
    const Plane block = drawn(34, 31, [&](int i, int j) { return within({8, 8 + rows, 6, 24}, i, j) ? white : black; });
    return paper_of(marked(block, marks, [](int k) { return std::pair(12, 12 + k); })).brighter;
  };
  BOOST_TEST((is_sheet(16, 1) && !is_sheet(17, 1) && is_sheet(17, 2) && !is_sheet(16, 0)));
  const Plane block = drawn(34, 31, [](int i, int j) { return within({8, 25, 6, 24}, i, j) ? white : black; });
  BOOST_TEST(paper_of(marked(block, 2, [](int k) { return std::pair(12, 12 + 2 * k); })).brighter);  // two marks
  const Plane band = drawn(21, 60, [](int i, int j) { return within({7, 14, 8, 51}, i, j) ? white : black; });
  BOOST_TEST(paper_of(marked(band, 1, [](int) { return std::pair(10, 20); })).brighter);  // 1 of 301
}

BOOST_AUTO_TEST_CASE(a_mark_lies_within_a_sheet_and_does_not_end_it) {
  // A notch at the sheet's edge is closed by a crumb of paper, or by the picture's own edge.
  for (const bool within_it : {true, false}) {
    Plane plane = drawn(30, 30, [&](int i, int j) {
      const bool mark = within_it ? within({1, 4, 13, 16}, i, j) : within({0, 4, 13, 16}, i, j);
      return within({0, 17, 7, 24}, i, j) && !mark ? white : black;
    });
    for (int quarter = 0; quarter < 4; ++quarter, plane = turned(plane)) {
      BOOST_TEST(paper_of(plane).brighter == within_it);
      BOOST_TEST(paper_of(negative(plane)).brighter == !within_it);
    }
  }
}

BOOST_AUTO_TEST_CASE(most_of_a_sheet_is_not_covered) {
  const auto is_sheet = [](int ink) {
    const Plane page = drawn(30, 30, [](int i, int j) { return within({7, 23, 7, 23}, i, j) ? white : black; });
    return paper_of(marked(page, ink, [](int k) { return std::pair(8 + k / 14, 8 + k % 14); })).brighter;
  };
  BOOST_TEST((is_sheet(127) && !is_sheet(128)));
}

BOOST_AUTO_TEST_CASE(a_wide_blank_sheet_covers_most_of_its_boxs_sides) {
  // 24 x 24 pixels of 30 x 30, whose box has 92 pixels along its sides: of these, 78.2 are 85 %.
  const Plane sheet = drawn(30, 30, [](int i, int j) { return within({3, 27, 3, 27}, i, j) ? white : black; });
  const auto bitten = [&](int count) { return marked(sheet, count, [](int k) { return std::pair(3, 7 + k); }); };
  Plane enough = bitten(13), not_enough = bitten(14);
  for (int quarter = 0; quarter < 4; ++quarter, enough = turned(enough), not_enough = turned(not_enough)) {
    BOOST_TEST((paper_of(enough).brighter && !paper_of(not_enough).brighter));
  }
  // Of 26 x 26 pixels, with 100 along the sides, more than 85 are.
  const Plane wider = drawn(30, 30, [](int i, int j) { return within({2, 28, 2, 28}, i, j) ? white : black; });
  const auto bitten_wider = [&](int count) { return marked(wider, count, [](int k) { return std::pair(2, 7 + k); }); };
  BOOST_TEST((paper_of(bitten_wider(14)).brighter && !paper_of(bitten_wider(15)).brighter));
  // A wide one is more than three fifths of the picture, both ways: a smaller one is a block of ink.
  const auto blank = [](int rows, int columns) {
    return paper_of(
               drawn(30, 30, [&](int i, int j) { return within({3, 3 + rows, 3, 3 + columns}, i, j) ? white : black; }))
        .brighter;
  };
  BOOST_TEST((blank(19, 19) && blank(24, 19) && !blank(18, 24) && !blank(24, 18)));
  // Not a ring, of which half is not paper: 288 pixels.
  const auto ring = [&](int hole) {
    return paper_of(marked(sheet, hole, [](int k) { return std::pair(5 + k / 20, 5 + k % 20); })).brighter;
  };
  BOOST_TEST((ring(287) && !ring(288)));
}

BOOST_AUTO_TEST_CASE(what_nearly_fills_the_picture_is_a_sheet) {
  // 28 x 28 pixels of 30 x 30 whose sides are bitten, so that only the area decides: 765 pixels are 85 %.
  const auto bitten = [](int count, int marks) {
    const Plane sheet = drawn(30, 30, [&](int i, int j) {
      return within({1, 29, 1, 29}, i, j) && !(i == 12 && j % 2 == 0 && j >= 12 && j < 12 + 2 * marks) ? white : black;
    });
    return paper_of(
               marked(sheet, count, [](int k) { return k < 9 ? std::pair(1, 3 + 2 * k) : std::pair(28, 2 * k - 15); }))
        .brighter;
  };
  BOOST_TEST((bitten(18, 0) && !bitten(19, 0)));
  BOOST_TEST((bitten(18, 2) && !bitten(19, 1)));  // what is on a sheet belongs to it
}

BOOST_AUTO_TEST_CASE(the_papers_box_ends_where_nine_tenths_of_its_sides_are_paper) {
  // The sheet's first row is bitten, then its second, too.
  const Box sheet{7, 23, 5, 25};
  const auto box_without = [&](int first, int second, int quarters) {
    Plane plane = drawn(30, 30, [&](int i, int j) {
      const bool bite = (i == 7 && j < 7 + first && j >= 7) || (i == 8 && j < 7 + second && j >= 7);
      return within(sheet, i, j) && !bite && !within({12, 18, 13, 15}, i, j) ? white : black;
    });
    for (int quarter = 0; quarter < quarters; ++quarter) plane = turned(plane);
    return paper_of(plane).where;
  };
  BOOST_TEST((box_without(2, 0, 0) == sheet));
  BOOST_TEST((box_without(3, 0, 0) == Box{8, 23, 5, 25}));
  BOOST_TEST((box_without(3, 2, 0) == Box{8, 23, 5, 25}));
  BOOST_TEST((box_without(4, 3, 0) == Box{9, 23, 5, 25}));
  BOOST_TEST((box_without(4, 3, 1) == Box{5, 25, 7, 21}));
  BOOST_TEST((box_without(4, 3, 2) == Box{7, 21, 5, 25}));
  BOOST_TEST((box_without(4, 3, 3) == Box{5, 25, 9, 23}));
}

BOOST_AUTO_TEST_CASE(a_tone_along_four_fifths_of_the_edge_is_paper) {
  // A block of ink with slits reaches the edge on one side, and the local median takes it for paper. 120 pixels are
  // along the edge: 24 are a fifth.
  Plane few, more;
  const auto block = [](int touching) {
    return drawn(30, 32, [&](int i, int j) {
      const bool slits = (i > 5 && i < 16 && j % 4 == 2 && j > 5) || (i == 10 && j > 5) || (i == 20 && j % 2 == 0);
      return within({1, 21, 2, 28}, i, j)          ? (slits ? black : white)
             : i == 0 && j > 2 && j < 3 + touching ? white
                                                   : black;
    });
  };
  few = block(23), more = block(24);
  for (int quarter = 0; quarter < 4; ++quarter, few = turned(few), more = turned(more)) {
    BOOST_TEST((!paper_of(few).brighter && paper_of(more).brighter), quarter << " quarters");
    BOOST_TEST((paper_of(negative(few)).brighter && !paper_of(negative(more)).brighter), quarter << " quarters");
  }
}

BOOST_AUTO_TEST_CASE(what_was_trimmed_is_one_piece_along_a_part_of_the_edge) {
  // A bar at each edge of 30 x 30 pixels, and a cross that joins them. The bars are along the edge's 116 pixels.
  const auto trimmed = [](int one, int others, int elsewhere, int lines) {
    const auto bar = [](int along, int width) { return along >= 14 - width / 2 && along < 14 - width / 2 + width; };
    const Plane plane = drawn(30, 30, [&](int i, int j) {
      const bool bars = (i < 2 && bar(j, one)) || (i > 27 && bar(j, others)) || ((j < 2 || j > 27) && bar(i, others));
      const bool cross = i == 14 || j == 14, line = i < 14 && j % 3 == 2 && j > 2 && j / 3 <= lines;
      return bars || cross || line ? black : white;
    });
    return paper_of(marked(plane, elsewhere, [](int k) { return std::pair(18 + k / 5, 18 + k % 5); })).trimmed;
  };
  BOOST_TEST((trimmed(1, 1, 0, 0) && trimmed(12, 11, 0, 0)));
  BOOST_TEST((trimmed(21, 22, 0, 0) && !trimmed(22, 22, 0, 0)));  // 88 would be more than three quarters
  // A tenth of it may be elsewhere. The other tone is in eight pieces at most: in more, it would be seen through a
  // grid.
  BOOST_TEST((trimmed(21, 22, 24, 0) && !trimmed(21, 22, 25, 0)));
  BOOST_TEST((trimmed(21, 22, 0, 5) && !trimmed(21, 22, 0, 6)));
}

BOOST_AUTO_TEST_CASE(beside_what_was_trimmed_specks_of_a_five_hundredth_are_no_pieces) {
  // A cross with four lines, which leave eight pieces of the other tone, and a ring with so many of 1500 pixels in it.
  const auto trimmed = [](int hole) {
    return paper_of(drawn(30, 50,
                          [&](int i, int j) {
                            const bool line = i < 14 && j < 20 && j % 4 == 3 && j > 4;
                            const bool ring =
                                within({14, 17, 30, 32 + hole}, i, j) && !within({15, 16, 31, 31 + hole}, i, j);
                            return i == 14 || j == 24 || line || ring ? black : white;
                          }))
        .trimmed;
  };
  BOOST_TEST((trimmed(3) && !trimmed(4)));
}

BOOST_AUTO_TEST_CASE(what_was_trimmed_is_along_three_hundredths_of_the_edge_at_least) {
  // A plus in 200 x 200 pixels: four times the width of its arms, of 796.
  const auto trimmed = [](int width) {
    return paper_of(drawn(200, 200,
                          [&](int i, int j) {
                            return within({97, 97 + width, 0, 200}, i, j) || within({0, 200, 97, 97 + width}, i, j)
                                       ? black
                                       : white;
                          }))
        .trimmed;
  };
  BOOST_TEST((trimmed(6) && !trimmed(5)));
  // Three strokes to the edge of 26 x 26 pixels, which is 100 long: from a corner and from the middle of two sides.
  BOOST_TEST(paper_of(drawn(26, 26, [](int i, int j) {
               const bool strokes = (i == j && i < 14) || (i > 13 && j == 13) || (i == 13 && j > 13);
               return strokes ? black : white;
             })).trimmed);
}

BOOST_AUTO_TEST_CASE(a_sheet_is_a_third_as_high_and_wide_as_the_picture) {
  const auto sheet = [](int height) {
    return drawn(30, 30, [&](int i, int j) {
      return within({8, 8 + height, 6, 23}, i, j) && !within({11, 13, 12, 14}, i, j) ? white : black;
    });
  };
  BOOST_TEST((paper_of(sheet(10)).brighter && paper_of(turned(sheet(10))).brighter));
  BOOST_TEST((!paper_of(sheet(9)).brighter && !paper_of(turned(sheet(9))).brighter));
}

BOOST_AUTO_TEST_CASE(in_small_pictures_nothing_is_dust) {
  const auto widest = [](int side) {
    return paper_of(drawn(side, 40,
                          [](int i, int j) {
                            return within({8, 24, 12, 24}, i, j) && !(i == 15 && j == 17) ? black : white;
                          }))
        .widest;
  };
  BOOST_TEST((widest(32) == 12 && widest(31) < 12));
}
