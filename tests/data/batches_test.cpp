#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

import rnn.data.batches;
import rnn.data.images;
import rnn.linalg.matrix;

using namespace rnn;

namespace {

using Order = std::vector<std::uint32_t>;

/// Three images of 2x4; pixel j of row t of image k is 100 k + 10 t + j.
Images three_images() {
  Images images{3, 2, 4, {}};
  for (int k = 0; k < 3; ++k)
    for (int t = 0; t < 2; ++t)
      for (int j = 0; j < 4; ++j) images.pixels.push_back(std::uint8_t(100 * k + 10 * t + j));
  return images;
}

template <class Call>
std::string problem(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_order_holds_every_example_once) {
  for (const Index count : {0, 1, 2, 10, 55000}) {
    Order order = shuffled_order(count, 1, 0);
    std::sort(order.begin(), order.end());
    BOOST_TEST(order.size() == count);
    for (Index i = 0; i < count; ++i) BOOST_TEST_REQUIRE(order[i] == i);
  }
}

BOOST_AUTO_TEST_CASE(an_order_depends_on_the_seed_and_the_epoch_alone) {
  BOOST_TEST(shuffled_order(100, 1, 2) == shuffled_order(100, 1, 2));
  BOOST_TEST(shuffled_order(100, 1, 2) != shuffled_order(100, 1, 3));
  BOOST_TEST(shuffled_order(100, 1, 2) != shuffled_order(100, 2, 2));
  BOOST_TEST(shuffled_order(100, 1, 2) != shuffled_order(100, 2, 1));
  Order order(100, 7);
  shuffle_order(order, 1, 2);
  BOOST_TEST(order == shuffled_order(100, 1, 2));
}

BOOST_AUTO_TEST_CASE(an_order_is_the_same_on_every_machine) {
  const Order expected = {8, 9, 1, 0, 2, 7, 4, 3, 5, 6};
  BOOST_TEST(shuffled_order(10, 1, 0) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_order_of_more_than_numbers_of_32_bits_can_count_is_refused) {
  BOOST_TEST(problem([] { shuffled_order(Index(1) << 32, 1, 0); }) ==
             "shuffled_order: count must fit in 32 bits, got 4294967296");
}

BOOST_AUTO_TEST_CASE(every_example_comes_to_every_place_equally_often) {
  constexpr int epochs = 6000;
  int places[5][5] = {};
  for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
    const Order order = shuffled_order(5, 3, epoch);
    for (int place = 0; place < 5; ++place) ++places[place][order[Index(place)]];
  }
  for (const auto& row : places)
    for (const int times : row) BOOST_TEST(std::abs(times - epochs / 5) < 150);  // five standard deviations
}

BOOST_AUTO_TEST_CASE(rows_become_steps_and_bytes_become_numbers_up_to_one) {
  const Images images = three_images();
  const Order which = {2, 0, 2};
  Matrix out(2 * 3, 4);
  gather_steps(images, which, out);
  for (Index t = 0; t < 2; ++t)
    for (Index i = 0; i < 3; ++i)
      for (Index j = 0; j < 4; ++j)
        BOOST_TEST(out(t * 3 + i, j) == Real(100 * which[i] + 10 * t + j) / 255, boost::test_tools::tolerance(1e-6f));
}

BOOST_AUTO_TEST_CASE(paper_is_exactly_zero_and_ink_exactly_one) {
  const Images images{1, 1, 2, {0, 255}};
  Matrix out(1, 2);
  gather_steps(images, Order{0}, out);
  BOOST_TEST(out(0, 0) == Real(0));
  BOOST_TEST(out(0, 1) == Real(1));
}

BOOST_AUTO_TEST_CASE(rows_of_any_width_become_numbers_and_nothing_else_is_written) {
  for (Index columns = 0; columns <= 40; ++columns) {
    Images images{2, 3, columns, {}};
    for (Index i = 0; i < 6 * columns; ++i) images.pixels.push_back(static_cast<std::uint8_t>(37 * i));
    Matrix wide(6, columns + 2, Real(-1));
    gather_steps(images, Order{1, 0}, View(wide).columns_from(1, columns));
    for (Index row = 0; row < 6; ++row) {
      const Index t = row / 2, which = 1 - row % 2;
      BOOST_TEST(wide(row, 0) == Real(-1));
      BOOST_TEST(wide(row, columns + 1) == Real(-1));
      for (Index j = 0; j < columns; ++j)
        BOOST_TEST(wide(row, j + 1) == images.pixels[(which * 3 + t) * columns + j] * (Real(1) / 255));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_large_batch_is_gathered_from_all_over_the_images) {
  Images images{50, 2, 9, {}};
  for (Index i = 0; i < 50 * 18; ++i) images.pixels.push_back(static_cast<std::uint8_t>(37 * i));
  for (const Index n : {7, 8, 9, 50}) {
    Order which = shuffled_order(50, 1, n);
    which.resize(n);
    which.shrink_to_fit();  // so that sanitizers see whoever reads beyond it
    Matrix out(2 * n, 9);
    gather_steps(images, which, out);
    for (Index row = 0; row < 2 * n; ++row)
      for (Index j = 0; j < 9; ++j)
        BOOST_TEST(out(row, j) == images.pixels[which[row % n] * 18 + row / n * 9 + j] * (Real(1) / 255));
  }
}

BOOST_AUTO_TEST_CASE(pixels_as_steps_are_the_rows_of_images_that_are_one_pixel_wide) {
  Images images{3, 5, 7, {}};
  for (Index i = 0; i < 3 * 35; ++i) images.pixels.push_back(static_cast<std::uint8_t>(37 * i));
  const Images laid_out{3, 35, 1, images.pixels};
  const Order which = {2, 0, 1, 2};
  Matrix pixels(35 * 4, 1), rows(35 * 4, 1);
  gather_steps(images, which, pixels, {.pixels = true});
  gather_steps(laid_out, which, rows);
  BOOST_TEST(pixels.data() == rows.data(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(shrunk_pixels_are_means_of_blocks) {
  const Images images{1, 2, 6, {0, 255, 10, 20, 0, 0, 0, 255, 30, 44, 0, 1}};
  const std::vector<Real> means = {Real(510) / 1020, Real(104) / 1020, Real(1) / 1020};
  Matrix pixels(3, 1), row(1, 3), whole(1, 6);
  gather_steps(images, Order{0}, pixels, {.pixels = true, .shrink = 2});
  gather_steps(images, Order{0}, row, {.shrink = 2});
  for (Index j = 0; j < 3; ++j) {
    BOOST_TEST(pixels(j, 0) == means[j], boost::test_tools::tolerance(1e-6f));
    BOOST_TEST(row(0, j) == pixels(j, 0));
  }
  BOOST_TEST(problem([&] { gather_steps(images, Order{0}, pixels, {.shrink = 3}); }) ==
             "sequence_size: shrink must divide images of 2 × 6, got 3");
  BOOST_TEST(problem([&] { gather_steps(images, Order{0}, pixels, {.shrink = 0}); }) ==
             "sequence_size: shrink must divide images of 2 × 6, got 0");
  BOOST_TEST(problem([&] { gather_steps(images, Order{0}, whole, {.pixels = true}); }) ==
             "gather_steps: out must be 12x1, got 1x6");
}

// Each block of 2 × 2 is one pixel four times, and its mean that pixel: 4 is a power of two, so not a bit is lost.
BOOST_AUTO_TEST_CASE(images_that_were_enlarged_shrink_to_what_they_were) {
  Images small{2, 3, 4, {}}, large{2, 6, 8, std::vector<std::uint8_t>(2 * 48)};
  for (Index i = 0; i < 24; ++i) small.pixels.push_back(static_cast<std::uint8_t>(41 * i));
  for (Index i = 0; i < 96; ++i) {
    large.pixels[i] = small.pixels[i / 48 * 12 + i % 48 / 16 * 4 + i % 8 / 2];
  }
  for (const bool pixels : {false, true}) {
    const auto [steps, features] = sequence_size(small, {.pixels = pixels});
    Matrix expected(steps * 2, features), out(steps * 2, features);
    gather_steps(small, Order{1, 0}, expected, {.pixels = pixels});
    gather_steps(large, Order{1, 0}, out, {.pixels = pixels, .shrink = 2});
    BOOST_TEST(out.data() == expected.data(), boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_tile_may_be_part_of_a_wider_matrix) {
  Matrix wide(2, 6, Real(-1));
  gather_steps(three_images(), Order{1}, View(wide).columns_from(1, 4));
  BOOST_TEST(wide(0, 0) == Real(-1));
  BOOST_TEST(wide(1, 1) == Real(110) / 255, boost::test_tools::tolerance(1e-6f));
  BOOST_TEST(wide(1, 5) == Real(-1));
}

BOOST_AUTO_TEST_CASE(an_empty_tile_is_a_tile) {
  Matrix out(0, 4);
  gather_steps(three_images(), Order{}, out);
  gather_labels({}, {}, {});
}

BOOST_AUTO_TEST_CASE(a_wrong_shape_or_index_is_named) {
  const Images images = three_images();
  Matrix out(2, 4), low(1, 4), turned(4, 2);
  BOOST_TEST(problem([&] { gather_steps(images, Order{0}, low); }) == "gather_steps: out must be 2x4, got 1x4");
  BOOST_TEST(problem([&] { gather_steps(images, Order{3}, out); }) == "gather_steps: which must be under 3, got 3");
  BOOST_TEST(problem([&] { gather_steps(images, Order{0}, transposed(View(turned))); }) ==
             "gather_steps: column_stride of out must be 1, got 2");
}

BOOST_AUTO_TEST_CASE(labels_come_in_the_same_order) {
  const std::vector<std::uint8_t> labels = {5, 6, 7};
  const std::vector<Index> expected = {7, 5, 7};
  std::vector<Index> out(3), less(2);
  gather_labels(labels, Order{2, 0, 2}, out);
  BOOST_TEST(out == expected, boost::test_tools::per_element());
  BOOST_TEST(problem([&] { gather_labels(labels, Order{0, 3, 1}, out); }) ==
             "gather_labels: which must be under 3, got 3");
  BOOST_TEST(problem([&] { gather_labels(labels, Order{0, 1, 2}, less); }) ==
             "gather_labels: out must hold 3 labels, got 2");
}
