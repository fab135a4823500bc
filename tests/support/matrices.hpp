#pragma once
// Helpers for tests of matrices and of everything that is computed with them.

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <stdexcept>
#include <string>

import rnn.linalg.matrix;

namespace rnn::testing {

/// Shapes and all bits are the same, so that −0 is not 0 and a NaN may be itself.
inline bool same_bits(ConstView a, ConstView b) {
  if (a.rows != b.rows || a.columns != b.columns) return false;
  for (Index i = 0; i < a.rows; ++i) {
    for (Index j = 0; j < a.columns; ++j) {
      if (std::memcmp(&a(i, j), &b(i, j), sizeof(Real)) != 0) return false;
    }
  }
  return true;
}

/// How many numbers are 16 bytes: a part of a kernel's register, which rows can share.
constexpr Index part = 16 / sizeof(Real);

/// Numbers that differ from row to row and from column to column.
inline Matrix numbered(Index rows, Index columns, Real scale = 1) {
  Matrix m(rows, columns);
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) m(i, j) = scale * (Real(i) - Real(0.13) * Real(j));
  }
  return m;
}

/// For BOOST_CHECK_EXCEPTION: the message is exactly this.
inline auto says(const std::string& text) {
  return [text](const std::invalid_argument& error) {
    BOOST_TEST(error.what() == text);
    return error.what() == text;
  };
}

}  // namespace rnn::testing
