#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

import rnn.data.components;
import rnn.data.plane;

using namespace rnn;
using boost::test_tools::per_element;
using boost::test_tools::tolerance;

namespace {

Mask drawn(const std::vector<std::string>& rows) {
  Mask mask{int(rows.size()), int(rows[0].size()), {}};
  for (const std::string& row : rows) {
    for (const char c : row) mask.values.push_back(c == '#');
  }
  return mask;
}

Mask random_mask(int rows, int columns, unsigned percent) {
  boost::random::mt19937 engine(percent);
  Mask mask{rows, columns, {}};
  for (int p = 0; p < rows * columns; ++p) mask.values.push_back(engine() % 100 < percent);
  return mask;
}

/// Gives a number to all pixels that can be reached from this one over sides and corners, and counts them.
int flood(const Mask& mask, int i, int j, int number, std::vector<int>& labels) {
  if (!mask.holds(i, j) || !mask(i, j) || labels[std::size_t(i * mask.columns + j)] >= 0) return 0;
  labels[std::size_t(i * mask.columns + j)] = number;
  int area = 1;
  for (int y = i - 1; y <= i + 1; ++y) {
    for (int x = j - 1; x <= j + 1; ++x) area += flood(mask, y, x, number, labels);
  }
  return area;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_mask_is_where_a_plane_is_greater) {
  const Mask mask = above({2, 3, {4, 2, 3, 1, 5, 6}}, 3);
  const std::vector<std::uint8_t> expected = {1, 0, 0, 0, 1, 1};
  BOOST_TEST((mask.rows == 2 && mask.columns == 3 && mask.shorter() == 2));
  BOOST_TEST(mask.values == expected, per_element());
}

BOOST_AUTO_TEST_CASE(without_a_size_there_is_nothing) {
  BOOST_TEST((Mask().rows == 0 && Mask().columns == 0 && Mask().values.empty() && !Mask().holds(0, 0)));
  const Components none = components_of(Mask());
  BOOST_TEST((none.rows == 0 && none.columns == 0 && none.label.empty() && none.components.empty()));
  BOOST_TEST((Components().rows == 0 && Components().columns == 0 && Component().area == 0));
  BOOST_TEST((Component().box == Box{0, 0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(masks_are_turned_and_inverted) {
  const Mask mask = drawn({"#.#", "..#"});
  BOOST_TEST(transposed(mask).values == drawn({"#.", "..", "##"}).values, per_element());
  BOOST_TEST((transposed(mask).rows == 3 && transposed(mask).columns == 2 && transposed(mask).shorter() == 2));
  BOOST_TEST(inverse(mask).values == drawn({".#.", "##."}).values, per_element());
  BOOST_TEST((mask.holds(0, 0) && mask.holds(1, 2) && !mask.holds(2, 0) && !mask.holds(0, 3) && !mask.holds(-1, 0) &&
              !mask.holds(0, -1)));
}

BOOST_AUTO_TEST_CASE(components_are_what_a_flood_reaches_in_the_order_of_their_first_pixels) {
  for (const unsigned percent : {0u, 10u, 30u, 40u, 50u, 70u, 100u}) {
    for (const auto& [rows, columns] : {std::pair(1, 30), std::pair(30, 1), std::pair(17, 23)}) {
      const Mask mask = random_mask(rows, columns, percent);
      const Components found = components_of(mask);
      std::vector<int> labels(mask.values.size(), -1), areas;
      std::vector<Box> boxes;
      for (int i = 0; i < rows; ++i) {
        for (int j = 0; j < columns; ++j) {
          const int number = int(areas.size());
          if (const int area = flood(mask, i, j, number, labels)) areas.push_back(area);
        }
      }
      BOOST_TEST((found.rows == rows && found.columns == columns));
      BOOST_TEST(found.label == labels, per_element());
      BOOST_TEST_REQUIRE(found.components.size() == areas.size());
      for (std::size_t k = 0; k < areas.size(); ++k) {
        Box box{rows, 0, columns, 0};
        for (int i = 0; i < rows; ++i) {
          for (int j = 0; j < columns; ++j) {
            if (found.label_at(i, j) != int(k)) continue;
            box = {std::min(box.top, i), std::max(box.bottom, i + 1), std::min(box.left, j),
                   std::max(box.right, j + 1)};
          }
        }
        BOOST_TEST(found.components[k].area == areas[k]);
        BOOST_TEST((found.components[k].box == box));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_distance_is_that_to_the_nearest_pixel_with_corners_for_four_thirds) {
  for (const unsigned percent : {1u, 3u, 10u, 50u}) {
    for (const auto& [rows, columns] : {std::pair(1, 200), std::pair(200, 1), std::pair(17, 23)}) {
      const Mask mask = random_mask(rows, columns, percent);
      if (std::ranges::count(mask.values, 1) == 0) continue;
      const Plane distance = distance_to(mask);
      BOOST_TEST_REQUIRE((distance.rows == rows && distance.columns == columns));
      for (int i = 0; i < rows; ++i) {
        for (int j = 0; j < columns; ++j) {
          double least = 1e9;
          for (int y = 0; y < rows; ++y) {
            for (int x = 0; x < columns; ++x) {
              const int down = std::abs(y - i), over = std::abs(x - j);
              const double by_corners = std::min(down, over);
              if (mask(y, x)) least = std::min(least, by_corners * 4 / 3 + std::max(down, over) - by_corners);
            }
          }
          BOOST_TEST(distance(i, j) == float(least), tolerance(1e-5f));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(nothing_is_near_an_empty_mask) {
  BOOST_TEST(std::ranges::min(distance_to(random_mask(3, 4, 0)).values) >= 1e6f);
}
