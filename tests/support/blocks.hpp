#pragma once
// How a kernel cuts the rows of a product.

#include <boost/test/unit_test.hpp>
#include <vector>

import rnn.linalg.kernel.blocks;
import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.simd;
import rnn.linalg.matrix;

namespace rnn::testing {

/// The heights of the blocks, which follow one another and have every row.
inline std::vector<Index> heights_of_blocks(InstructionSet set, Index rows) {
  std::vector<Index> heights;
  Index next = 0;
  simd::for_set(set, [&]<InstructionSet chosen>() {
    for_each_block<chosen>(rows, [&]<int height>(Index first, Index number) {
      BOOST_TEST(first == next);
      BOOST_TEST(number == heights.size());
      heights.push_back(height);
      next += height;
    });
  });
  BOOST_TEST(next == rows);
  return heights;
}

}  // namespace rnn::testing
