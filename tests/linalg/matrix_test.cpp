#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>

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
