#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <tuple>
#include <vector>

#include "../../support/blocks.hpp"

import rnn.linalg.kernel.blocks;
import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.simd;
import rnn.linalg.matrix;

using namespace rnn;
using rnn::testing::heights_of_blocks;
using Heights = std::vector<Index>;

BOOST_AUTO_TEST_CASE(rows_are_cut_into_as_few_blocks_as_possible) {
  constexpr auto four = InstructionSet::avx512, six = InstructionSet::avx2;
  for (const auto& [set, rows, heights] : {std::tuple<InstructionSet, Index, Heights>{four, 13, {4, 3, 3, 3}},
                                           {four, 12, {4, 4, 4}},
                                           {four, 7, {4, 3}},
                                           {four, 6, {3, 3}},
                                           {four, 5, {4, 1}},
                                           {six, 16, {6, 5, 5}},
                                           {six, 13, {6, 6, 1}},
                                           {six, 9, {6, 2, 1}},
                                           {six, 4, {2, 2}},
                                           {six, 3, {2, 1}},
                                           {six, 0, {}}}) {
    BOOST_TEST(heights_of_blocks(set, rows) == heights, boost::test_tools::per_element());
  }
}

template <class V>
static void check_parts() {
  constexpr int count = 5, lanes = int(simd::lanes_of<Part>);
  Part list[count];
  for (int p = 0; p < count; ++p) list[p] = simd::broadcast<Part>(Real(p + 1));
  BOOST_TEST(parts_of<V> == int(sizeof(V) / 16));
  for (int first = 0; first <= count; ++first) {
    const V joined = join_parts<V>(list, first);
    for (int p = 0; p < parts_of<V>; ++p) {
      const Real expected = Real(std::min(first + p, count - 1) + 1);
      for (int lane = 0; lane < lanes; ++lane) {
        BOOST_TEST(joined[p * lanes + lane] == expected);
        BOOST_TEST(part(joined, p)[lane] == expected);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_register_is_joined_from_parts_and_taken_apart_again) {
  check_parts<Part>();
  check_parts<simd::Vector>();
  check_parts<simd::WideVector>();
}
