#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <vector>

#include "../../support/blocks.hpp"
#include "../../support/kernels.hpp"

import rnn.base.random;
import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.nonzeros;
import rnn.linalg.matrix;

using namespace rnn;
using rnn::testing::available_sets;
using rnn::testing::heights_of_blocks;

namespace {

/// Mostly zeros, and one at the very beginning.
Matrix sparse(Index rows, Index columns) {
  Matrix matrix(rows, columns);
  auto engine = seeded(std::uint32_t(1000 * rows + columns));
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) matrix(i, j) = i + j > 0 && engine() % 8 == 0 ? Real(-1) : Real(0);
  }
  return matrix;
}

/// Whether each block needs the columns in which it has a number that is not zero, and no other.
void check(ConstView a, InstructionSet set) {
  Nonzeros nonzeros;
  nonzeros.find(a, set);
  BOOST_TEST_REQUIRE(nonzeros.known());
  Index first = 0, number = 0;
  for (const Index height : heights_of_blocks(set, a.rows)) {
    std::vector<std::uint64_t> needed((a.columns + 63) / 64);
    for (Index j = 0; j < a.columns; ++j) {
      for (Index i = first; i < first + height; ++i) {
        if (a(i, j) != 0) needed[j / 64] |= std::uint64_t(1) << j % 64;
      }
    }
    const auto found = nonzeros.of_block(number++);
    BOOST_REQUIRE_EQUAL_COLLECTIONS(found.begin(), found.end(), needed.begin(), needed.end());
    first += height;
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_block_needs_the_columns_in_which_one_of_its_rows_is_not_zero) {
  for (const InstructionSet set : available_sets()) {
    for (const Index rows : {1, 2, 3, 4, 5, 6, 7, 13, 62, 63, 64, 65, 66, 67, 100, 127, 128, 129, 131, 200}) {
      for (const Index columns : {1, 2, 3, 7, 8, 9, 15, 16, 17, 28, 63, 64, 65, 100, 128, 130}) {
        BOOST_TEST_CONTEXT(rows << "x" << columns) {
          check(sparse(rows, columns), set);
          check(transposed(sparse(columns, rows)), set);
          check(ConstView(sparse(rows, columns + 3)).columns_from(0, columns), set);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(what_was_found_before_is_forgotten) {
  const Matrix large = sparse(70, 130), small = sparse(5, 9);
  Nonzeros nonzeros;
  BOOST_TEST(!nonzeros.known());
  for (const InstructionSet set : available_sets()) {
    nonzeros.find(large, set);
    nonzeros.find(small, set);
    Nonzeros fresh;
    fresh.find(small, set);
    for (Index number = 0; number < heights_of_blocks(set, 5).size(); ++number) {
      BOOST_TEST(nonzeros.of_block(number)[0] == fresh.of_block(number)[0]);
    }
    nonzeros.find(Matrix(5, 9, Real(1)), set);
    BOOST_TEST(!nonzeros.known());
  }
}

BOOST_AUTO_TEST_CASE(where_the_first_line_has_no_zero_nothing_is_known) {
  for (const InstructionSet set : available_sets()) {
    const auto known = [&](ConstView a) {
      Nonzeros nonzeros;
      nonzeros.find(a, set);
      return nonzeros.known();
    };
    Matrix matrix(3, 20, Real(1));
    matrix(1, 4) = 0;
    BOOST_TEST(!known(matrix));
    BOOST_TEST(!known(transposed(matrix)));
    BOOST_TEST(known(ConstView(matrix).rows_from(1, 2)));
    matrix(0, 19) = 0;
    BOOST_TEST(known(matrix));
    BOOST_TEST(!known(ConstView(matrix.data().begin(), 3, 10, 20, 2)));  // not contiguous in either direction
    BOOST_TEST(!known(Matrix(0, 4)));
    BOOST_TEST(!known(Matrix(4, 0)));
  }
}
