#include <boost/test/unit_test.hpp>

#include "../../support/kernels.hpp"

import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.registers;
import rnn.linalg.matrix;

using namespace rnn;
using rnn::testing::available_sets;

namespace {

// Adds one to each element that it visits, in the second of three blocks of `columns`, and to the block after it the
// element of another matrix.
struct Count {
  ConstView other;
  View visits;
  Index columns;

  template <class Place>
  [[gnu::always_inline]] inline void operator()(const Place& at) const {
    const auto number = at(visits, columns);
    const auto sum = at(visits, 2 * columns) + at(other);
    at.store(number + Real(1), visits, columns);
    at.store(sum, visits, 2 * columns);
  }
};

Real number(Index i, Index j) { return Real(100 * i + j + 1); }

}  // namespace

BOOST_AUTO_TEST_CASE(a_walk_visits_each_element_once_and_touches_nothing_else) {
  for (const InstructionSet set : available_sets()) {
    force_instruction_set(set);
    for (Index columns = 0; columns <= 40; ++columns) {
      for (Index rows = 0; rows <= 9; ++rows) {
        Matrix other(rows, columns), visits(rows, 4 * columns, Real(0));
        for (Index i = 0; i < rows; ++i) {
          for (Index j = 0; j < columns; ++j) other(i, j) = number(i, j);
        }
        simd::walk(rows, columns, Count{other, visits, columns});
        for (Index i = 0; i < rows; ++i) {
          for (Index j = 0; j < columns; ++j) {
            BOOST_REQUIRE_EQUAL(visits(i, j), 0);
            BOOST_REQUIRE_EQUAL(visits(i, columns + j), 1);
            BOOST_REQUIRE_EQUAL(visits(i, 2 * columns + j), number(i, j));
            BOOST_REQUIRE_EQUAL(visits(i, 3 * columns + j), 0);
          }
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(some_rows_of_a_matrix_without_rows_are_none) {
  Matrix a(5, 3, Real(0));
  const simd::Rows some{2, 3};
  BOOST_TEST(some.of(View(a)).rows == 3u);
  BOOST_TEST((some.of(View(a)).data == &a(2, 0)));
  BOOST_TEST(some.of(View{}).rows == 0u);
}
