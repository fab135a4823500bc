#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

import rnn.data.digits;
import rnn.data.handwriting;
import rnn.data.images;
import rnn.linalg.matrix;

using namespace rnn;

namespace {

std::span<const std::uint8_t> image(const Dataset& set, Index i) {
  return std::span(set.images.pixels).subspan(i * 784, 784);
}

struct Ink {
  double x = 0, y = 0;  // center of mass
  int width = 0, height = 0;
  double part = 0;  // of the pixels
};

Ink ink(std::span<const std::uint8_t> pixels) {
  int left = 28, right = -1, top = 28, bottom = -1;
  double mass = 0, x = 0, y = 0;
  for (int i = 0; i < 28; ++i) {
    for (int j = 0; j < 28; ++j) {
      const double gray = pixels[Index(28 * i + j)];
      if (gray == 0) continue;
      left = std::min(left, j), right = std::max(right, j);
      top = std::min(top, i), bottom = std::max(bottom, i);
      mass += gray, x += gray * j, y += gray * i;
    }
  }
  return {x / mass, y / mass, right - left + 1, bottom - top + 1, mass / 255 / 784};
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_digits_of_a_seed_are_the_same_on_every_machine) {
  // The course's figures are about these digits: whatever draws others changes them all.
  BOOST_TEST(fingerprint(draw_digits(500, 1)) == "c40b3d1dcf317900");
}

BOOST_AUTO_TEST_CASE(the_same_seed_draws_the_same_bits_with_any_number_of_threads) {
  const Dataset one = draw_digits(503, 1, 0, 1);
  for (const unsigned threads : {2u, 3u, 8u, 600u, 0u})
    BOOST_TEST(draw_digits(503, 1, 0, threads).images.pixels == one.images.pixels);
}

BOOST_AUTO_TEST_CASE(a_digit_depends_on_the_seed_and_its_number_alone) {
  const Dataset all = draw_digits(100, 1), some = draw_digits(10, 1, 37);
  for (Index i = 0; i < 10; ++i) {
    BOOST_TEST(std::ranges::equal(image(some, i), image(all, 37 + i)));
    BOOST_TEST(int(some.labels[i]) == int((37 + i) % 10));
  }
}

BOOST_AUTO_TEST_CASE(a_digit_is_drawn_over_whatever_was_there) {
  const Dataset digits = draw_digits(20, 1);
  for (Index i = 0; i < 20; ++i) {
    std::array<std::uint8_t, 784> drawn;
    drawn.fill(77);
    draw_digit(i, 1, drawn);
    BOOST_TEST(std::ranges::equal(drawn, image(digits, i)));
  }
}

BOOST_AUTO_TEST_CASE(another_seed_draws_other_digits) {
  const Dataset one = draw_digits(100, 1), two = draw_digits(100, 2);
  for (Index i = 0; i < 100; ++i) BOOST_TEST(!std::ranges::equal(image(one, i), image(two, i)));
}

BOOST_AUTO_TEST_CASE(no_two_digits_are_alike) {
  const Dataset digits = draw_digits(1000, 1);
  std::vector<std::vector<std::uint8_t>> seen;
  for (Index i = 0; i < 1000; ++i) seen.emplace_back(image(digits, i).begin(), image(digits, i).end());
  std::sort(seen.begin(), seen.end());
  BOOST_TEST((std::adjacent_find(seen.begin(), seen.end()) == seen.end()));
}

BOOST_AUTO_TEST_CASE(every_digit_is_placed_as_mnist_places_its_own) {
  const Dataset digits = draw_digits(5000, 1);
  double mean = 0;
  for (Index i = 0; i < 5000; ++i) {
    const Ink seen = ink(image(digits, i));
    BOOST_TEST_REQUIRE(std::abs(seen.x - 14) < 0.55, "number " << i);
    BOOST_TEST_REQUIRE(std::abs(seen.y - 14) < 0.55, "number " << i);
    BOOST_TEST_REQUIRE(std::max(seen.width, seen.height) <= 20, "number " << i);
    BOOST_TEST_REQUIRE(std::max(seen.width, seen.height) >= 17, "number " << i);
    mean += seen.part / 5000;
  }
  BOOST_TEST(mean > 0.10);  // MNIST's: 0.131
  BOOST_TEST(mean < 0.16);
}

BOOST_AUTO_TEST_CASE(the_splits_have_mnists_sizes_and_every_digit_equally_often) {
  const Splits splits = draw_splits(1);
  const auto balanced = [](const Dataset& set, Index count) {
    std::array<Index, 10> times{};
    for (const std::uint8_t label : set.labels) ++times[label];
    BOOST_TEST(set.size() == count);
    BOOST_TEST(set.images.pixels.size() == count * 784);
    for (const Index n : times) BOOST_TEST(n == count / 10);
  };
  balanced(splits.train, 55000);
  balanced(splits.validation, 5000);
  balanced(splits.test, 10000);
  BOOST_TEST(splits.source == "built-in digits");
  BOOST_TEST((draw_test_digits(1).images.pixels == splits.test.images.pixels));
  BOOST_TEST(std::ranges::equal(image(splits.test, 0), image(draw_digits(1, 1, 60000), 0)));
  BOOST_TEST(std::ranges::equal(image(splits.validation, 0), image(draw_digits(1, 1), 0)));
  BOOST_TEST(!std::ranges::equal(image(splits.test, 0), image(splits.train, 0)));
  BOOST_CHECK_THROW(draw_splits(1, 60000), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(training_digits_are_added_behind_what_is_there) {
  Dataset data = draw_digits(3, 7);
  const std::vector<std::uint8_t> before = data.images.pixels;
  add_training_digits(data, 1);
  BOOST_TEST(data.size() == 60003);
  BOOST_TEST(data.images.count == 60003);
  BOOST_TEST(data.images.pixels.size() == 60003 * 784);
  BOOST_TEST(std::equal(before.begin(), before.end(), data.images.pixels.begin()));
  const Dataset last = draw_digits(1, 1, 59999);
  BOOST_TEST(std::ranges::equal(image(data, 60002), image(last, 0)));
  BOOST_TEST(data.labels.back() == last.labels.back());

  Dataset small{{1, 9, 28, std::vector<std::uint8_t>(9 * 28)}, {0}};
  BOOST_CHECK_THROW(add_training_digits(small, 1), std::invalid_argument);
  BOOST_TEST(small.size() == 1);
}

BOOST_AUTO_TEST_CASE(a_nearest_mean_tells_the_digits_apart) {
  // Not much of a reader, but one that digits drawn as others, or as blots, would put at 10 %.
  const Dataset learn = draw_digits(2000, 1), test = draw_digits(1000, 1, 60000);
  std::array<std::array<double, 784>, 10> means{};
  for (Index i = 0; i < learn.size(); ++i)
    for (Index p = 0; p < 784; ++p) means[learn.labels[i]][p] += image(learn, i)[p] / 200.0;
  int right = 0;
  for (Index i = 0; i < test.size(); ++i) {
    std::array<double, 10> distance{};
    for (Index digit = 0; digit < 10; ++digit)
      for (Index p = 0; p < 784; ++p) distance[digit] += std::pow(means[digit][p] - image(test, i)[p], 2);
    right += std::min_element(distance.begin(), distance.end()) - distance.begin() == test.labels[i];
  }
  BOOST_TEST(right > 600);
}
