#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <initializer_list>
#include <vector>

import rnn.data.plane;

using namespace rnn;
using boost::test_tools::per_element;
using boost::test_tools::tolerance;

namespace {

/// Whole numbers from 0 to 255, the same ones every time.
Plane random_plane(int rows, int columns) {
  boost::random::mt19937 engine(std::uint32_t(rows * 1000 + columns));
  Plane plane = filled(rows, columns, 0);
  for (float& value : plane.values) value = float(engine() % 256);
  return plane;
}

/// The values of each square of 2 · radius + 1 pixels, as far as it lies within the plane, in order.
std::vector<float> around(const Plane& plane, int i, int j, int radius) {
  std::vector<float> values;
  for (int y = 0; y < plane.rows; ++y) {
    for (int x = 0; x < plane.columns; ++x) {
      if (std::abs(y - i) <= radius && std::abs(x - j) <= radius) values.push_back(plane(y, x));
    }
  }
  std::ranges::sort(values);
  return values;
}

/// Compares a filter's result with what is said of each pixel's square.
template <class Expected>
void compare(const Plane& result, const Plane& plane, int radius, Expected expected) {
  BOOST_TEST_REQUIRE((result.rows == plane.rows && result.columns == plane.columns));
  for (int i = 0; i < plane.rows; ++i) {
    for (int j = 0; j < plane.columns; ++j) {
      BOOST_TEST(result(i, j) == expected(around(plane, i, j, radius)), tolerance(1e-5f));
    }
  }
}

struct Size {
  int rows, columns;
};
constexpr std::initializer_list<Size> sizes = {{1, 1}, {1, 6}, {7, 1}, {5, 8}, {13, 9}};

}  // namespace

BOOST_AUTO_TEST_CASE(boxes_are_united_cut_and_grown) {
  const Box a{2, 5, 10, 14}, b{4, 9, 6, 12};
  BOOST_TEST((a.height() == 3 && a.width() == 4 && a.longer() == 4 && a.shorter() == 3));
  BOOST_TEST((unite(a, b) == Box{2, 9, 6, 14}));
  BOOST_TEST((unite(b, a) == Box{2, 9, 6, 14}));
  BOOST_TEST((intersect(a, b) == Box{4, 5, 10, 12}));
  BOOST_TEST((intersect(a, {5, 9, 10, 14}) == Box{}));  // they touch, one below the other
  BOOST_TEST((intersect(a, {2, 5, 14, 20}) == Box{}));  // and side by side
  BOOST_TEST((grow(a, 1, 100, 100) == Box{1, 6, 9, 15}));
  BOOST_TEST((grow(a, 20, 7, 16) == Box{0, 7, 0, 16}));
}

BOOST_AUTO_TEST_CASE(without_a_size_there_is_nothing) {
  BOOST_TEST((Box() == Box{0, 0, 0, 0}));
  BOOST_TEST((Plane().rows == 0 && Plane().columns == 0 && Plane().values.empty()));
}

BOOST_AUTO_TEST_CASE(a_pixel_of_a_shrunk_plane_is_the_mean_of_those_it_stands_for) {
  for (const auto& [rows, columns] : sizes) {
    const Plane plane = random_plane(rows, columns);
    for (const int factor : {1, 2, 3, 4}) {
      const Plane small = shrink(plane, factor);
      BOOST_TEST_REQUIRE(small.rows == int(std::ceil(double(rows) / factor)));
      BOOST_TEST_REQUIRE(small.columns == int(std::ceil(double(columns) / factor)));
      for (int i = 0; i < small.rows; ++i) {
        for (int j = 0; j < small.columns; ++j) {
          double sum = 0, count = 0;
          for (int y = 0; y < rows; ++y) {
            for (int x = 0; x < columns; ++x) {
              if (y / factor == i && x / factor == j) sum += double(plane(y, x)), count += 1;
            }
          }
          BOOST_TEST(small(i, j) == float(sum / count), tolerance(1e-5f));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_enlarged_has_the_small_pixels_in_the_middle_of_theirs_and_lines_between) {
  const Plane small = random_plane(4, 5);
  const auto share = [](float place, int pixel) { return std::max(0.0f, 1 - std::abs(place - float(pixel))); };
  for (const int factor : {2, 3, 4}) {
    const Plane large = enlarge(small, factor, filled(4 * factor, 5 * factor - 1, -1));
    BOOST_TEST_REQUIRE((large.rows == 4 * factor && large.columns == 5 * factor - 1));
    const auto place = [&](int k, float last) {
      return std::clamp((float(k) + 0.5f) / float(factor) - 0.5f, 0.0f, last);
    };
    for (int i = 0; i < large.rows; ++i) {
      for (int j = 0; j < large.columns; ++j) {
        float sum = 0;
        for (int y = 0; y < 4; ++y) {
          for (int x = 0; x < 5; ++x) sum += share(place(i, 3), y) * share(place(j, 4), x) * small(y, x);
        }
        BOOST_TEST(std::abs(large(i, j) - sum) < 1e-2f, i << ' ' << j);
      }
    }
  }
  BOOST_TEST(enlarge(small, 1, small).values == small.values, per_element());
}

BOOST_AUTO_TEST_CASE(filters_look_at_squares_as_far_as_they_lie_within_the_plane) {
  for (const auto& [rows, columns] : sizes) {
    const Plane plane = random_plane(rows, columns);
    for (const int radius : {0, 1, 2, 3, 20}) {
      compare(largest(plane, radius), plane, radius, [](const std::vector<float>& values) { return values.back(); });
      compare(smallest(plane, radius), plane, radius, [](const std::vector<float>& values) { return values.front(); });
      compare(median(plane, radius), plane, radius,
              [](const std::vector<float>& values) { return values[values.size() / 2]; });
      compare(box_mean(plane, radius), plane, radius, [](const std::vector<float>& values) {
        double sum = 0;
        for (const float value : values) sum += double(value);
        return float(sum / double(values.size()));
      });
    }
  }
}

BOOST_AUTO_TEST_CASE(a_quantile_is_the_value_that_so_many_are_below) {
  BOOST_TEST(quantile({4, 0, 3, 1, 2}, 0) == 0);
  BOOST_TEST(quantile({4, 0, 3, 1, 2}, 0.5) == 2);
  BOOST_TEST(quantile({4, 0, 3, 1, 2}, 0.74) == 2);
  BOOST_TEST(quantile({4, 0, 3, 1, 2}, 1) == 4);
  BOOST_TEST(quantile({}, 0.5) == 0);
}

BOOST_AUTO_TEST_CASE(noise_is_told_from_edges_and_slopes) {
  constexpr float sigma = 5;
  boost::random::mt19937 engine(1);
  Plane plane = filled(60, 80, 0);
  for (int i = 0; i < plane.rows; ++i) {
    for (int j = 0; j < plane.columns; ++j) {
      float sum = -6;  // of twelve numbers from 0 to 1: nearly normal, with a standard deviation of 1
      for (int k = 0; k < 12; ++k) sum += float(engine()) / 4294967296.0f;
      plane(i, j) = sigma * sum + 2 * float(i) - float(j) + (j < 40 ? 100.0f : 0.0f);
    }
  }
  BOOST_TEST(std::abs(noise_of(plane) - sigma) < 0.4f, noise_of(plane));
  Plane twisted = filled(60, 80, 0);
  for (int i = 0; i < twisted.rows; ++i) {
    for (int j = 0; j < twisted.columns; ++j) twisted(i, j) = float(i * j);
  }
  BOOST_TEST(noise_of(twisted) == 0);
}

BOOST_AUTO_TEST_CASE(of_few_pixels_nothing_is_said_about_noise) {
  // 200 pixels that have all their neighbors.
  BOOST_TEST(noise_of(random_plane(12, 22)) > 30);
  BOOST_TEST(noise_of(random_plane(12, 21)) == 0);
  BOOST_TEST(noise_of(random_plane(1, 400)) == 0);
}
