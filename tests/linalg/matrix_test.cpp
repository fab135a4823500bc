#include <boost/test/unit_test.hpp>
#include <cstdint>
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

BOOST_AUTO_TEST_CASE(a_wrong_shape_is_named_with_what_was_expected_and_found) {
  Matrix a(3, 4), b(4, 3);
  BOOST_CHECK_EXCEPTION(copy(a, b), std::invalid_argument, [](const std::invalid_argument& error) {
    return error.what() == std::string("copy: to must be 3x4, got 4x3");
  });
}
