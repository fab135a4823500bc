#include <boost/test/unit_test.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../../support/kernels.hpp"
#include "../../support/matrices.hpp"

import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;

using namespace rnn;
using rnn::testing::available_sets;
using rnn::testing::same_bits;

namespace {

// Numbers in a register of a kernel, and in a part of it that rows can share.
Index lanes_of(InstructionSet set) { return (set == InstructionSet::avx512 ? 64 : 32) / sizeof(Real); }
constexpr Index part = 16 / sizeof(Real);

Matrix numbered(Index rows, Index columns, Real scale = 1) {
  Matrix m(rows, columns);
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j) m(i, j) = scale * (Real(i) - Real(0.13) * Real(j));
  return m;
}

}  // namespace

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
  for (const InstructionSet set : available_sets()) {
    force_instruction_set(set);
    for (const auto& [rows, columns] :
         std::vector<std::pair<Index, Index>>{{3, 20}, {5, 20}, {5, 31}, {2, 31}, {2, 31}}) {
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

BOOST_AUTO_TEST_CASE(gradients_come_packed_with_the_sums_of_their_columns) {
  for (const InstructionSet set : available_sets()) {
    force_instruction_set(set);
    for (const Activation f : {Activation::identity, Activation::tanh, Activation::relu, Activation::sigmoid}) {
      for (const Index columns : {1, 3, 8, 20, 100}) {
        const Matrix y = numbered(11, columns, Real(0.07)), dy = numbered(11, columns, Real(-0.3));
        Matrix rows(11, columns), sums(1, columns, Real(2)), expected_sums = sums;
        apply_gradient(f, y, dy, rows);
        add_column_sums(rows, expected_sums);

        PackedMatrix packed;
        packed.resize(15, columns);
        apply_gradient(f, y, dy, {packed, 3, y.size1()}, sums);
        BOOST_TEST(same_bits(sums, expected_sums));
        const PackedMatrix as_rows(rows);
        for (Index p = 0; p < packed.panels().size(); ++p) {
          const PackedMatrix::Panel panel = packed.panels()[p];
          const ConstView here = PackedRows(packed, 3, 11).of(panel), there = as_rows.numbers(panel);
          BOOST_TEST(same_bits(here, there));
          if (panel.shared) BOOST_TEST(here.data[here.row_stride - part] == there.data[here.row_stride - part]);
        }
        apply_gradient(f, y, dy, {packed, 0, y.size1()}, {});  // no sums are wanted
        BOOST_TEST(same_bits(PackedRows(packed, 0, 11).of(packed.panels()[0]), as_rows.numbers(packed.panels()[0])));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(gradients_that_do_not_fit_are_refused) {
  const Matrix y = numbered(4, 5), wide = numbered(4, 6);
  Matrix sums(1, 5);
  PackedMatrix packed;
  packed.resize(6, 5);
  const auto fails = [&](ConstView y, ConstView dy, Index first, View sums, const std::string& message) {
    BOOST_CHECK_EXCEPTION(apply_gradient(Activation::tanh, y, dy, {packed, first, 4}, sums), std::invalid_argument,
                          [&](const std::invalid_argument& error) { return error.what() == message; });
  };
  fails(wide, y, 0, sums, "apply_gradient: y must be 4x5, got 4x6");
  fails(y, wide, 0, sums, "apply_gradient: dy must be 4x5, got 4x6");
  fails(y, y, 0, View(sums).columns_from(0, 4), "apply_gradient: sums must be 1x5, got 1x4");
  const std::string no_room = "apply_gradient: rows must be contiguous in memory, and dx must have room for them";
  fails(y, y, 3, sums, no_room);
  fails(transposed(Matrix(5, 4)), y, 0, sums, no_room);
}
