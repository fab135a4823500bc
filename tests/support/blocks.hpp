#pragma once
// How a kernel cuts the rows of a product.

#include <boost/test/unit_test.hpp>
#include <vector>

import rnn.linalg.kernel.blocks;
import rnn.linalg.kernel.cpu;
import rnn.linalg.matrix;

namespace rnn::testing {

template <InstructionSet set>
std::vector<Index> heights_for(Index rows) {
  std::vector<Index> heights;
  Index next = 0;
  for_each_block<set>(rows, [&]<int height>(Index first, Index number) {
    BOOST_TEST(first == next);
    BOOST_TEST(number == heights.size());
    heights.push_back(height);
    next += height;
  });
  BOOST_TEST(next == rows);
  return heights;
}

/// The heights of the blocks, which follow one another and have every row.
inline std::vector<Index> heights_of_blocks(InstructionSet set, Index rows) {
  switch (set) {
    case InstructionSet::avx2: return heights_for<InstructionSet::avx2>(rows);
    case InstructionSet::avx512: return heights_for<InstructionSet::avx512>(rows);
    default: return heights_for<InstructionSet::baseline>(rows);
  }
}

}  // namespace rnn::testing
