#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "../support/kernels.hpp"
#include "../support/matrices.hpp"

import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.nonzeros;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;
import rnn.linalg.products;

using namespace rnn;
using rnn::testing::available_sets;
using rnn::testing::same_bits;

namespace {

boost::random::mt19937 engine(7);
Index up_to(Index most) { return boost::random::uniform_int_distribution<Index>(0, most)(engine); }

// A view with strides and an offset of its own, filled with random numbers; it may be a transposed one.
struct Operand {
  std::vector<Real> memory;
  View view;
  Operand(Index rows, Index columns) {
    const bool transpose = up_to(1) == 1;
    const Index column_stride = up_to(3) == 0 ? 2 : 1;
    const Index inner = transpose ? rows : columns, outer = transpose ? columns : rows;
    const Index row_stride = inner * column_stride + up_to(5), offset = up_to(9);
    memory.resize(offset + outer * row_stride + 64);
    boost::random::uniform_real_distribution<Real> uniform(-1, 1);
    for (Real& x : memory) x = uniform(engine);
    view = {memory.data() + offset, outer, inner, row_stride, column_stride};
    if (transpose) view = transposed(view);
  }
};

double largest_difference(ConstView a, ConstView b) {
  double largest = 0;
  for (Index i = 0; i < a.rows; ++i)
    for (Index j = 0; j < a.columns; ++j) largest = std::max(largest, std::abs(double(a(i, j)) - double(b(i, j))));
  return largest;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_fast_product_is_the_naive_one_for_random_shapes_and_strides_with_every_kernel) {
  const double tolerance = 100 * std::numeric_limits<Real>::epsilon();
  for (int trial = 0; trial < 600; ++trial) {
    const Index m = up_to(30), k = up_to(70), n = up_to(trial % 3 == 0 ? 140 : 40);
    const Operand a(m, k), b(k, n);
    Matrix expected(m, n);
    naive_product(a.view, b.view, expected);
    for (const InstructionSet set : available_sets()) {
      force_instruction_set(set);
      Operand c(m, n), d(m, n);
      const std::vector<Real> around = c.memory;
      const Matrix before = to_matrix(d.view);
      product(a.view, b.view, c.view);
      BOOST_REQUIRE_LE(largest_difference(c.view, expected), tolerance);
      add_product(a.view, b.view, d.view);
      BOOST_REQUIRE_LE(largest_difference(d.view, Matrix(before + expected)), tolerance);

      Index changed = 0;
      for (Index i = 0; i < around.size(); ++i) changed += around[i] != c.memory[i];
      BOOST_REQUIRE_LE(changed, m * n);  // nothing beside the view was written
    }
  }
}

BOOST_AUTO_TEST_CASE(avx2_and_avx512_compute_the_same_bits_as_one_fused_multiply_add_after_the_other) {
  for (int trial = 0; trial < 100; ++trial) {
    const Index m = 1 + up_to(20), k = up_to(50), n = 1 + up_to(130);
    const Operand a(m, k), b(k, n);
    Matrix expected(m, n);
    for (Index i = 0; i < m; ++i) {
      for (Index j = 0; j < n; ++j) {
        Real sum = 0;
        for (Index l = 0; l < k; ++l) sum = std::fma(a.view(i, l), b.view(l, j), sum);
        expected(i, j) = sum;
      }
    }
    for (const InstructionSet set : {InstructionSet::avx2, InstructionSet::avx512}) {
      if (!available(set)) continue;
      force_instruction_set(set);
      BOOST_REQUIRE(same_bits(product(a.view, b.view), expected));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_fused_step_is_its_parts_bit_for_bit) {
  for (const InstructionSet set : available_sets()) {
    force_instruction_set(set);
    for (const Activation f : {Activation::identity, Activation::tanh, Activation::relu, Activation::sigmoid}) {
      for (const Index n : {1, 5, 8, 31, 100}) {
        const Operand x(7, 3), w_x(3, n), h(7, n), w_y(n, n), b(1, n);
        const Matrix bias = to_matrix(b.view);
        const PackedMatrix packed_x(w_x.view), packed_y(w_y.view);
        const Product products[] = {{x.view, packed_x}, {h.view, packed_y}};
        Matrix fused(7, n), parts(7, n);
        sum_of_products(products, {&bias(0, 0), f}, fused);
        product(x.view, w_x.view, parts);
        add_product(h.view, w_y.view, parts);
        add_bias(bias, parts);
        apply(f, parts, parts);
        BOOST_TEST(same_bits(fused, parts));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_product_over_nothing_is_zero_and_an_empty_one_is_empty) {
  Matrix c(2, 3, Real(9));
  product(Matrix(2, 0), Matrix(0, 3), c);
  BOOST_TEST(sum(c) == 0);
  Matrix none(0, 3);
  product(Matrix(0, 4), Matrix(4, 3), none);
  const PackedMatrix without_columns(Matrix(2, 0));
  Matrix d(2, 3, Real(9));
  product(without_columns, PackedMatrix(Matrix(0, 3)), d);
  BOOST_TEST(sum(d) == 0);
  add_product(without_columns, Matrix(0, 3), d);
  BOOST_TEST(sum(d) == 0);
  Matrix narrow(2, 0);
  product(Matrix(2, 4, Real(1)), Matrix(4, 0), narrow);
}

BOOST_AUTO_TEST_CASE(a_product_over_nothing_adds_nothing_to_those_that_follow) {
  const Matrix a(2, 4, Real(1)), b(4, 3, Real(2)), without_columns(2, 0);
  const PackedMatrix packed(b), nothing(Matrix(0, 3));
  const Product products[] = {{without_columns, nothing}, {a, packed}};
  Matrix c(2, 3, Real(9));
  sum_of_products(products, {}, c);
  BOOST_TEST(same_bits(c, Matrix(2, 3, Real(8))));
}

BOOST_AUTO_TEST_CASE(a_nan_reaches_its_row_of_the_result_and_no_other) {
  Matrix a(3, 2, Real(1)), b(2, 40, Real(1));
  a(1, 0) = std::numeric_limits<Real>::quiet_NaN();
  const Matrix c = product(a, b);
  for (Index j = 0; j < 40; ++j) {
    BOOST_TEST(std::isnan(c(1, j)));
    BOOST_TEST(c(0, j) == Real(2));
    BOOST_TEST(c(2, j) == Real(2));
  }
}

BOOST_AUTO_TEST_CASE(zeros_that_are_skipped_change_no_bit) {
  for (const InstructionSet set : available_sets()) {
    force_instruction_set(set);
    for (int trial = 0; trial < 200; ++trial) {
      const Index m = 1 + up_to(140), k = 1 + up_to(140), n = 1 + up_to(30), one_of = 1 + up_to(6);
      const Operand a(m, k), b(k, n);
      for (Index i = 0; i < m; ++i)
        for (Index j = 0; j < k; ++j)
          if (up_to(one_of) > 0) a.view(i, j) = 0;
      const PackedMatrix packed(b.view);
      const Product all{a.view, packed}, some{a.view, packed, Zeros::skip};
      Matrix c(m, n), d(m, n);
      sum_of_products({&all, 1}, {}, c);
      sum_of_products({&some, 1}, {}, d);
      BOOST_REQUIRE(same_bits(c, d));
      add_product(a.view, packed, c);
      add_product(a.view, packed, d, Zeros::skip);
      BOOST_REQUIRE(same_bits(c, d));
    }
  }
}

BOOST_AUTO_TEST_CASE(zeros_that_are_skipped_are_not_multiplied) {
  for (const InstructionSet set : available_sets()) {
    force_instruction_set(set);
    for (const Index k : {7, 70}) {  // one word of bits for the columns, and two
      Matrix a(67, k, Real(1)), b(k, 20, Real(1));
      for (const Index zero : {Index(0), k - 2}) {
        for (Index i = 0; i < a.size1(); ++i) a(i, zero) = 0;
        for (Index j = 0; j < b.size2(); ++j) b(zero, j) = std::numeric_limits<Real>::infinity();
      }
      const PackedMatrix packed(b);
      const Matrix columns = boost::numeric::ublas::trans(a);
      for (const ConstView left : {ConstView(a), transposed(ConstView(columns))}) {
        Matrix c(67, 20, Real(0)), d = c;
        add_product(left, packed, c);
        BOOST_REQUIRE(std::isnan(c(66, 19)));
        add_product(left, packed, d, Zeros::skip);
        BOOST_REQUIRE(same_bits(d, Matrix(67, 20, Real(k - 2))));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(of_a_matrix_that_was_not_scanned_no_zeros_are_known) {
  Nonzeros nonzeros;
  BOOST_TEST(!nonzeros.known());
  nonzeros.find(Matrix(2, 3, Real(0)), InstructionSet::baseline);
  BOOST_TEST(nonzeros.known());
  for (const Matrix& without_zeros : {Matrix(2, 3, Real(1)), Matrix(0, 3), Matrix(3, 0)}) {
    nonzeros.find(Matrix(2, 3, Real(0)), InstructionSet::baseline);
    nonzeros.find(without_zeros, InstructionSet::baseline);
    BOOST_TEST(!nonzeros.known());
  }
}

BOOST_AUTO_TEST_CASE(shapes_that_do_not_fit_are_named) {
  const Matrix a(3, 4), b(5, 2);
  Matrix c(3, 2);
  using rnn::testing::says;
  using Wrong = std::invalid_argument;
  BOOST_CHECK_EXCEPTION(product(a, b, c), Wrong, says("product: columns of a (3x4) must equal rows of b (5x2)"));
  BOOST_CHECK_EXCEPTION(product(a, Matrix(4, 7), c), Wrong, says("product: c must be 3x7, got 3x2"));
  BOOST_CHECK_EXCEPTION(naive_product(a, b, c), Wrong,
                        says("naive_product: columns of a (3x4) must equal rows of b (5x2)"));
  BOOST_CHECK_EXCEPTION(naive_product(a, Matrix(4, 7), c), Wrong, says("naive_product: c must be 3x7, got 3x2"));
  const PackedMatrix high(b), wide(Matrix(4, 7));
  const Product too_high{a, high}, too_wide{a, wide};
  BOOST_CHECK_EXCEPTION(sum_of_products({&too_high, 1}, {}, c), Wrong,
                        says("sum_of_products: columns of a (3x4) must equal rows of b (5x2)"));
  BOOST_CHECK_EXCEPTION(sum_of_products({&too_wide, 1}, {}, c), Wrong, says("sum_of_products: c must be 3x7, got 3x2"));
  BOOST_CHECK_EXCEPTION(add_product(a, high, c), Wrong,
                        says("add_product: columns of a (3x4) must equal rows of b (5x2)"));
}

// h ← h + h·W looks like a step of a cell; each row of h would be changed while it is still needed.
BOOST_AUTO_TEST_CASE(a_result_that_is_also_a_factor_is_an_error_and_nothing_is_written) {
  Matrix h(4, 4, 1), w(4, 4, 2);
  const PackedMatrix packed_w(w), packed_h(h);
  const auto refused = [&](const char* message, auto call) {
    BOOST_CHECK_EXCEPTION(call(), std::invalid_argument, rnn::testing::says(message));
    BOOST_TEST(same_bits(h, Matrix(4, 4, 1)));
  };
  refused("product: c must not overlap a", [&] { product(h, w, h); });
  refused("product: c must not overlap b", [&] { product(w, h, h); });
  refused("product: c must not overlap a", [&] { product(transposed(h), w, h); });
  refused("naive_product: c must not overlap a", [&] { naive_product(h, w, h); });
  refused("naive_product: c must not overlap b", [&] { naive_product(w, transposed(h), h); });
  refused("add_product: c must not overlap a", [&] { add_product(h, w, h); });
  refused("add_product: c must not overlap b", [&] { add_product(w, h, h); });
  refused("add_product: c must not overlap a", [&] { add_product(h, packed_w, h); });
  refused("add_product: c must not overlap b", [&] { add_product(packed_w, h, h); });
  const Product step[] = {{w, packed_w}, {h, packed_w}};
  refused("sum_of_products: c must not overlap a", [&] { sum_of_products(step, {}, h); });
  refused("sum_of_products: c must not overlap the bias",
          [&] { sum_of_products(std::span(step, 1), {.bias = &h(1, 0)}, h); });
  // A bias is one row, and what follows it is no part of it.
  Matrix bias_and_result(5, 4, 1);
  sum_of_products(std::span(step, 1), {.bias = &bias_and_result(0, 0)}, View(bias_and_result).rows_from(1, 4));
  BOOST_TEST(bias_and_result(4, 3) == Real(17));
  // Some columns of a matrix are no part of its other columns.
  add_product(View(h).columns_from(0, 2), View(w).rows_from(0, 2).columns_from(0, 2), View(h).columns_from(2, 2));
  BOOST_TEST(h(3, 1) == Real(1));
  BOOST_TEST(h(3, 3) == Real(5));
}

BOOST_AUTO_TEST_CASE(some_rows_of_packed_matrices_are_multiplied_as_any_others) {
  for (const InstructionSet set : available_sets()) {
    force_instruction_set(set);
    for (int trial = 0; trial < 60; ++trial) {
      const Index m = 1 + up_to(12), k = 1 + up_to(110), n = 1 + up_to(110), above = up_to(3);
      const Operand a(above + m + 2, k), b(above + k + 1, n), square(k, n);
      const Matrix left = to_matrix(a.view.rows_from(above, m)), right = to_matrix(b.view.rows_from(above, k));
      const PackedMatrix packed_a(a.view), packed_b(b.view), packed_square(square.view);
      Matrix c = to_matrix(Operand(m, n).view), d = c;
      add_product(left, PackedRows(packed_b, above, k), c);
      add_product(left, right, d);
      BOOST_REQUIRE(same_bits(c, d));
      product(PackedRows(packed_a, above, m), packed_square, c);
      product(left, square.view, d);
      BOOST_REQUIRE(same_bits(c, d));
      add_product(PackedRows(packed_a, above, m), square.view, c);
      add_product(left, square.view, d);
      BOOST_REQUIRE(same_bits(c, d));
      add_product(PackedRows(packed_a, above, m), packed_square, c);
      add_product(left, square.view, d);
      BOOST_REQUIRE(same_bits(c, d));
    }
  }
  const PackedMatrix a(Matrix(3, 4)), b(Matrix(5, 2));
  Matrix c(3, 2);
  using rnn::testing::says;
  using Wrong = std::invalid_argument;
  BOOST_CHECK_EXCEPTION(product(a, b, c), Wrong, says("product: columns of a (3x4) must equal rows of b (5x2)"));
  BOOST_CHECK_EXCEPTION(add_product(a, b, c), Wrong,
                        says("add_product: columns of a (3x4) must equal rows of b (5x2)"));
  BOOST_CHECK_EXCEPTION(add_product(a, Matrix(5, 2), c), Wrong,
                        says("add_product: columns of a (3x4) must equal rows of b (5x2)"));
  const PackedMatrix wide(Matrix(4, 3));
  BOOST_CHECK_EXCEPTION(product(a, wide, c), Wrong, says("product: c must be 3x3, got 3x2"));
  BOOST_CHECK_EXCEPTION(add_product(a, wide, c), Wrong, says("add_product: c must be 3x3, got 3x2"));
}
