#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

import rnn.data.images;
import rnn.linalg.matrix;

using namespace rnn;
using boost::test_tools::per_element;

namespace {

using Bytes = std::vector<std::uint8_t>;

/// Images of 2 × 3 pixels with the numbers from 0 on, and the labels from 0 on.
Dataset numbered(Index count) {
  Dataset data{{count, 2, 3, {}}, {}};
  for (Index i = 0; i < 6 * count; ++i) data.images.pixels.push_back(std::uint8_t(i));
  for (Index i = 0; i < count; ++i) data.labels.push_back(std::uint8_t(i));
  return data;
}

/// FNV-1a over words of eight bytes, the last one filled up with zeros, and at last over the number of bytes.
std::uint64_t hash(const Bytes& bytes, std::uint64_t from) {
  for (std::size_t begin = 0; begin < bytes.size(); begin += 8) {
    std::uint64_t word = 0;
    for (std::size_t i = begin; i < begin + 8 && i < bytes.size(); ++i)
      word |= std::uint64_t(bytes[i]) << 8 * (i - begin);
    from = (from ^ word) * 0x100000001b3;
  }
  return (from ^ bytes.size()) * 0x100000001b3;
}

}  // namespace

BOOST_AUTO_TEST_CASE(without_images_there_is_nothing_and_a_step_is_a_whole_row) {
  const Images none;
  BOOST_TEST((none.count == 0 && none.rows == 0 && none.columns == 0 && none.pixels.empty()));
  BOOST_TEST((!ImageSteps().pixels && ImageSteps().shrink == 1));
}

BOOST_AUTO_TEST_CASE(images_can_be_cut_into_whole_blocks) {
  const Images images{1, 6, 4, Bytes(24)};
  const auto cut = [&](Index shrink) { return can_be_cut(images, {false, shrink}); };
  BOOST_TEST((cut(1) && cut(2) && !cut(0) && !cut(3) && !cut(4) && !cut(6)));
}

BOOST_AUTO_TEST_CASE(a_sequence_has_a_step_for_each_row_or_for_each_pixel) {
  const Images images{1, 6, 4, Bytes(24)};
  const auto size = [&](const ImageSteps& how) {
    const auto [steps, features] = sequence_size(images, how);
    return std::to_string(steps) + " of " + std::to_string(features);
  };
  BOOST_TEST(size({false, 1}) == "6 of 4");
  BOOST_TEST(size({false, 2}) == "3 of 2");
  BOOST_TEST(size({true, 1}) == "24 of 1");
  BOOST_TEST(size({true, 2}) == "6 of 1");
  BOOST_CHECK_THROW(size({true, 3}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_first_examples_are_moved_into_a_set_of_their_own) {
  for (const Index count : {0, 1, 3, 5}) {
    Dataset rest = numbered(5);
    const Dataset first = take_first(rest, count);
    const Dataset all = numbered(5);
    BOOST_TEST((first.size() == count && first.images.count == count && rest.size() == 5 - count));
    BOOST_TEST((rest.images.count == 5 - count && first.images.rows == 2 && first.images.columns == 3));
    const Dataset expected = numbered(count);
    BOOST_TEST(first.images.pixels == expected.images.pixels, per_element());
    BOOST_TEST(first.labels == expected.labels, per_element());
    BOOST_TEST(
        rest.images.pixels == Bytes(all.images.pixels.begin() + std::ptrdiff_t(6 * count), all.images.pixels.end()),
        per_element());
    BOOST_TEST(rest.labels == Bytes(all.labels.begin() + std::ptrdiff_t(count), all.labels.end()), per_element());
  }
  Dataset few = numbered(5);
  BOOST_CHECK_THROW(take_first(few, 6), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_pixels_of_an_image_are_its_own) {
  const Dataset data = numbered(3);
  const auto pixels = pixels_of(data.images, 1);
  BOOST_TEST(Bytes(pixels.begin(), pixels.end()) == (Bytes{6, 7, 8, 9, 10, 11}), per_element());
}

BOOST_AUTO_TEST_CASE(a_fingerprint_is_fnv_1a_of_pixels_and_labels) {
  for (const Index count : {0, 1, 3, 4, 8, 9}) {
    const Dataset data = numbered(count);
    char expected[17];
    std::snprintf(expected, sizeof expected, "%016llx",
                  static_cast<unsigned long long>(hash(data.labels, hash(data.images.pixels, 0xcbf29ce484222325))));
    BOOST_TEST(fingerprint(data) == expected);
  }
}
