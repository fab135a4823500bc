#include <boost/test/unit_test.hpp>
#include <span>
#include <utility>
#include <vector>

#include "../../support/kernels.hpp"
#include "../../support/matrices.hpp"

import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;

using namespace rnn;
using rnn::testing::available_sets;
using rnn::testing::numbered;
using rnn::testing::part;
using rnn::testing::same_bits;

/// Numbers in a register of a kernel.
static Index lanes_of(InstructionSet set) { return (set == InstructionSet::avx512 ? 64 : 32) / sizeof(Real); }

BOOST_AUTO_TEST_CASE(panels_hold_all_columns_once_from_the_first_to_the_last) {
  for (const InstructionSet set : available_sets()) {
    force_instruction_set(set);
    const Index lanes = lanes_of(set);
    for (Index columns = 0; columns <= 13 * lanes; ++columns) {
      const Matrix b = numbered(3, columns);
      const PackedMatrix packed(b);
      BOOST_TEST((packed.made_for() == set));
      Index next = 0;
      for (const PackedMatrix::Panel& panel : packed.panels()) {
        BOOST_REQUIRE_EQUAL(panel.first_column, next);
        BOOST_REQUIRE(panel.columns > (panel.registers - 1) * lanes && panel.columns <= panel.registers * lanes);
        BOOST_REQUIRE(same_bits(packed.numbers(panel), ConstView(b).columns_from(next, panel.columns)));
        next += panel.columns;
      }
      BOOST_REQUIRE_EQUAL(next, columns);
    }
  }
}

BOOST_AUTO_TEST_CASE(where_rows_share_a_register_its_columns_stand_in_every_part) {
  for (const InstructionSet set : available_sets()) {
    force_instruction_set(set);
    const Index lanes = lanes_of(set);
    for (Index columns = 1; columns <= 8 * lanes; ++columns) {
      const Matrix b = numbered(4, columns);
      const PackedMatrix packed(transposed(Matrix(boost::numeric::ublas::trans(b))));
      const PackedMatrix::Panel last = packed.panels().back();
      const Index tail = columns % lanes;
      BOOST_REQUIRE_EQUAL(last.shared, columns > lanes && tail > 0 && tail <= part);
      for (const PackedMatrix::Panel& panel : packed.panels().first(packed.panels().size() - 1)) {
        BOOST_REQUIRE(!panel.shared);
      }
      if (!last.shared) continue;
      BOOST_REQUIRE_GT(last.registers, 1u);
      const ConstView numbers = packed.numbers(last);
      for (Index i = 0; i < 4; ++i) {
        const Real* const shared = numbers.data + i * numbers.row_stride + (last.registers - 1) * lanes;
        for (Index begin = 0; begin < lanes; begin += part) {
          for (Index j = 0; j < tail; ++j) BOOST_REQUIRE_EQUAL(shared[begin + j], b(i, columns - tail + j));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_packed_matrix_is_used_again_for_a_smaller_one) {
  PackedMatrix packed(Matrix(50, 60, Real(3)));
  const Matrix small = numbered(2, 3);
  packed.pack(small);
  BOOST_TEST(packed.rows() == 2u);
  BOOST_TEST(packed.columns() == 3u);
  BOOST_TEST(packed.panels().size() == 1u);
  BOOST_TEST(same_bits(packed.numbers(packed.panels()[0]), small));
}

BOOST_AUTO_TEST_CASE(a_packed_matrix_takes_any_shape_after_any_other_and_any_kernel_after_any_other) {
  PackedMatrix packed;
  BOOST_TEST((packed.rows() == 0u && packed.columns() == 0u && packed.panels().empty()));
  for (const InstructionSet set : available_sets()) {
    force_instruction_set(set);
    for (const auto& [rows, columns] :
         std::vector<std::pair<Index, Index>>{{2, 31}, {3, 20}, {5, 20}, {5, 31}, {2, 31}, {2, 31}}) {
      const Matrix b = numbered(rows, columns);
      packed.pack(b);
      BOOST_TEST((packed.made_for() == set));
      BOOST_TEST(packed.rows() == rows);
      BOOST_TEST(packed.columns() == columns);
      for (const PackedMatrix::Panel& panel : packed.panels()) {
        BOOST_TEST(same_bits(packed.numbers(panel), ConstView(b).columns_from(panel.first_column, panel.columns)));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_matrix_that_is_written_and_completed_in_parts_is_the_one_that_is_packed_at_once) {
  for (const InstructionSet set : available_sets()) {
    force_instruction_set(set);
    for (Index columns = 1; columns <= 5 * lanes_of(set); ++columns) {
      const Matrix b = numbered(7, columns);
      const PackedMatrix at_once(b);
      PackedMatrix written;
      written.resize(7, columns);
      for (const auto& [first, count] : {std::pair<Index, Index>{3, 4}, {0, 3}}) {
        for (const PackedMatrix::Panel& panel : written.panels()) {
          copy(ConstView(b).rows_from(first, count).columns_from(panel.first_column, panel.columns),
               written.numbers(panel).rows_from(first, count));
        }
        written.complete(first, count);
      }
      for (const PackedMatrix::Panel& panel : at_once.panels()) {
        ConstView there = at_once.numbers(panel), here = std::as_const(written).numbers(panel);
        if (panel.shared) there.columns = here.columns = panel.stride;  // with the copies
        BOOST_REQUIRE(same_bits(here, there));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(some_rows_of_a_packed_matrix_are_those_rows_in_every_panel) {
  for (const InstructionSet set : available_sets()) {
    force_instruction_set(set);
    const Matrix b = numbered(7, 5 * lanes_of(set) + 1);
    const PackedMatrix packed(b);
    const PackedRows some(packed, 2, 4), all(packed);
    BOOST_TEST(all.count == 7u);
    for (const PackedMatrix::Panel& panel : packed.panels()) {
      const ConstView columns = ConstView(b).columns_from(panel.first_column, panel.columns);
      BOOST_TEST(same_bits(some.of(panel), columns.rows_from(2, 4)));
      BOOST_TEST(same_bits(all.of(panel), columns));
    }
  }
}
