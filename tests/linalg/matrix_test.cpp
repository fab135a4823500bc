#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

import rnn.base.caller;
import rnn.linalg.matrix;

using namespace rnn;

BOOST_AUTO_TEST_CASE(a_matrix_starts_on_a_cache_line) {
  for (Index columns = 1; columns < 40; ++columns) {
    Matrix m(3, columns);
    BOOST_TEST(reinterpret_cast<std::uintptr_t>(&m(0, 0)) % 64 == 0u);
  }
}

BOOST_AUTO_TEST_CASE(ublas_expressions_work_in_an_importer) {
  Matrix a(2, 3, Real(1)), b(2, 3, Real(2));
  const Matrix sum = a + b;
  BOOST_TEST(sum(1, 2) == Real(3));
  const Matrix product = prod(a, trans(b));
  BOOST_TEST(product.size1() == 2u);
  BOOST_TEST(product(0, 1) == Real(6));
}

BOOST_AUTO_TEST_CASE(a_transposed_view_moves_no_number) {
  Matrix m(2, 3);
  for (Index i = 0; i < 2; ++i)
    for (Index j = 0; j < 3; ++j) m(i, j) = Real(10 * i + j);
  const ConstView t = transposed(m);
  BOOST_TEST(t.rows == 3u);
  BOOST_TEST(t.columns == 2u);
  BOOST_TEST(t(2, 1) == Real(12));
  BOOST_TEST(t.data == &m(0, 0));
  BOOST_TEST(!t.contiguous());
  BOOST_TEST(to_matrix(t)(2, 1) == Real(12));
}

BOOST_AUTO_TEST_CASE(a_step_of_a_sequence_is_one_contiguous_matrix) {
  Sequence x(4, 3, 2);
  x(2, 1, 0) = Real(7);
  BOOST_TEST(x[2](1, 0) == Real(7));
  BOOST_TEST(x[2].contiguous());
  BOOST_TEST(x.rows()(2 * 3 + 1, 0) == Real(7));
  BOOST_TEST(x.rows().rows == 12u);
  const Sequence& same = x;
  BOOST_TEST(same(2, 1, 0) == Real(7));
  BOOST_TEST(&same[2](1, 0) == &x[2](1, 0));
  const Sequence none;
  BOOST_TEST((none.steps() == 0u && none.batch() == 0u));
}

BOOST_AUTO_TEST_CASE(empty_shapes_are_shapes) {
  const Matrix none(0, 5);
  BOOST_TEST(shape(none) == "0x5");
  BOOST_TEST(ConstView(none).empty());
  BOOST_TEST(Sequence(0, 3, 2).rows().rows == 0u);
}

static std::set<const Real*> numbers_of(ConstView a) {
  std::set<const Real*> numbers;
  for (Index i = 0; i < a.rows; ++i) {
    for (Index j = 0; j < a.columns; ++j) numbers.insert(&a(i, j));
  }
  return numbers;
}

// A view of some of these numbers, with rows that may lie apart, repeat, or be columns.
static ConstView some_view(const Matrix& memory, boost::random::mt19937& engine) {
  const auto up_to = [&](Index most) { return boost::random::uniform_int_distribution<Index>(0, most)(engine); };
  const Index columns = up_to(4), rows = up_to(4), column_stride = up_to(3) == 0 ? up_to(2) : 1;
  const Index usual_strides[] = {0, 7, columns * column_stride + up_to(3)};
  const ConstView view(&memory(0, 0) + up_to(40), rows, columns, usual_strides[up_to(2)], column_stride);
  return up_to(1) == 0 ? view : transposed(view);
}

BOOST_AUTO_TEST_CASE(views_overlap_when_a_number_belongs_to_both) {
  const Matrix memory(10, 10, 0);
  boost::random::mt19937 engine(11);
  int overlapping = 0, interleaved = 0;
  for (int trial = 0; trial < 200000; ++trial) {
    const ConstView a = some_view(memory, engine), b = some_view(memory, engine);
    const std::set<const Real*> of_a = numbers_of(a), of_b = numbers_of(b);
    bool expected = false;
    for (const Real* number : of_b) expected = expected || of_a.contains(number);
    overlapping += expected;
    interleaved +=
        !expected && !of_a.empty() && !of_b.empty() && *of_a.begin() < *of_b.rbegin() && *of_b.begin() < *of_a.rbegin();
    if (overlap(a, b) != expected) {
      BOOST_FAIL("rows " << a.rows << ", " << b.rows << ", columns " << a.columns << ", " << b.columns << ", strides "
                         << a.row_stride << ", " << a.column_stride << " and " << b.row_stride << ", "
                         << b.column_stride << ", " << b.data - a.data << " apart");
    }
  }
  BOOST_TEST(overlapping > 10000);
  BOOST_TEST(interleaved > 5000);
}

BOOST_AUTO_TEST_CASE(what_is_filled_or_copied_to_is_the_view_and_nothing_beside_it) {
  const auto views_of = [](Matrix& m) {
    const View all = m, some = all.rows_from(1, 3).columns_from(2, 4);
    return std::vector<View>{all,
                             all.rows_from(2, 2),
                             some,
                             some.rows_from(1, 1),
                             some.columns_from(1, 1),
                             transposed(all),
                             transposed(some),
                             {all.data, 3, 2, 14, 3},
                             {all.data, 3, 3, 14, 2},
                             some.rows_from(1, 0),
                             some.columns_from(1, 0)};
  };
  Matrix original(6, 7);
  for (Index i = 0; i < 6; ++i) {
    for (Index j = 0; j < 7; ++j) original(i, j) = Real(10 * i + j);
  }
  const Index count = views_of(original).size();
  for (Index k = 0; k < count; ++k) {
    Matrix filled = original, copied = original;
    const View of_filled = views_of(filled)[k], to = views_of(copied)[k];
    fill(of_filled, Real(-1));
    const Matrix wide(to.rows, to.columns + 1, Real(-1)), tall(to.columns, to.rows, Real(-1)),
        whole(to.rows, to.columns, Real(-1));
    for (const ConstView from : {ConstView(wide).columns_from(1, to.columns), transposed(tall), ConstView(whole)}) {
      copied = original;
      copy(from, to);
      const std::set<const Real*> of_view = numbers_of(to);
      for (Index i = 0; i < 6; ++i) {
        for (Index j = 0; j < 7; ++j) {
          const Real expected = of_view.contains(&copied(i, j)) ? Real(-1) : original(i, j);
          BOOST_TEST(copied(i, j) == expected, "view " << k << ": " << i << ", " << j);
          BOOST_TEST(filled(i, j) == expected, "view " << k << ": " << i << ", " << j);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(contiguous_are_numbers_that_stand_row_by_row_without_a_gap) {
  Matrix m(4, 5);
  const View all = m;
  BOOST_TEST(all.contiguous());
  BOOST_TEST(all.rows_from(1, 2).contiguous());
  BOOST_TEST(!all.columns_from(0, 4).contiguous());
  BOOST_TEST(all.columns_from(0, 4).rows_from(1, 1).contiguous());
  BOOST_TEST(all.columns_from(0, 4).rows_from(1, 0).contiguous());
  BOOST_TEST(!all.columns_from(0, 4).rows_from(1, 2).contiguous());
  BOOST_TEST(!transposed(all).contiguous());
  BOOST_TEST(!(View{all.data, 2, 2, 2, 2}.contiguous()));
}

BOOST_AUTO_TEST_CASE(parts_of_a_view_without_memory_have_none_either) {
  const View none;
  BOOST_TEST((none.rows == 0u && none.columns == 0u && none.row_stride == 0u && none.column_stride == 1u));
  BOOST_TEST(none.rows_from(3, 0).data == nullptr);
  BOOST_TEST(none.columns_from(3, 0).data == nullptr);
  BOOST_TEST(none.empty());
  Matrix m(2, 3);
  BOOST_TEST(!View(m).empty());
  BOOST_TEST(View(m).columns_from(0, 0).empty());
  BOOST_TEST(View(m).rows_from(0, 0).empty());
}

BOOST_AUTO_TEST_CASE(a_copy_may_not_overlap_its_source) {
  Matrix a(4, 4, 1);
  copy(a, a);
  copy(View(a).columns_from(0, 2), View(a).columns_from(2, 2));
  BOOST_CHECK_EXCEPTION(copy(transposed(a), a), std::invalid_argument, [](const std::invalid_argument& error) {
    return error.what() == std::string("copy: to must be from itself or not overlap it");
  });
  BOOST_CHECK_THROW(copy(View(a).rows_from(0, 3), View(a).rows_from(1, 3)), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_stride_that_nothing_is_counted_with_makes_no_difference) {
  Matrix a(4, 4, 1);
  Real* const numbers = &a(0, 0);
  copy(ConstView(numbers, 1, 4, 4, 1), View(numbers, 1, 4, 2, 1));
  copy(ConstView(numbers, 4, 1, 4, 1), View(numbers, 4, 1, 4, 3));
  BOOST_CHECK_THROW(copy(ConstView(numbers, 2, 4, 4, 1), View(numbers, 2, 4, 2, 1)), std::invalid_argument);
  BOOST_CHECK_THROW(copy(ConstView(numbers, 4, 2, 4, 1), View(numbers, 4, 2, 4, 3)), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_wrong_shape_is_named_with_what_was_expected_and_found) {
  Matrix a(3, 4), b(4, 3);
  BOOST_CHECK_EXCEPTION(copy(a, b), std::invalid_argument, [](const std::invalid_argument& error) {
    return error.what() == std::string("copy: to must be 3x4, got 4x3");
  });
}

BOOST_AUTO_TEST_CASE(a_matrix_of_another_shape_is_named) {
  const Matrix a(2, 3);
  BOOST_CHECK_NO_THROW(require_shape("f", "a", a, 2, 3));
  for (const auto& [rows, columns] : {std::pair(3, 2), {2, 2}, {1, 3}, {3, 3}, {2, 4}}) {
    const std::string expected = "f: a must be " + std::to_string(rows) + "x" + std::to_string(columns) + ", got 2x3";
    const auto is_it = [&](const std::invalid_argument& error) { return error.what() == expected; };
    BOOST_CHECK_EXCEPTION(require_shape("f", "a", a, Index(rows), Index(columns)), std::invalid_argument, is_it);
    BOOST_CHECK_EXCEPTION(require_shape("f", "a", a, Index(rows), Index(columns), Caller::current()),
                          std::invalid_argument, is_it);
  }
}
