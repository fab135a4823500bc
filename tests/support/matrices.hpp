#pragma once
// What tests of matrices and of what is computed with them ask for again and again.

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <stdexcept>
#include <string>

import rnn.matrix;

namespace rnn::testing {

/// Shapes and all bits are the same, so that −0 is not 0 and a NaN may be itself. Rows without gaps.
inline bool same_bits(ConstView a, ConstView b) {
  return a.rows == b.rows && a.columns == b.columns && std::memcmp(a.data, b.data, a.size() * sizeof(Real)) == 0;
}

/// For BOOST_CHECK_EXCEPTION: the message is exactly this.
inline auto says(const std::string& text) {
  return [text](const std::invalid_argument& error) {
    BOOST_TEST(error.what() == text);
    return error.what() == text;
  };
}

}  // namespace rnn::testing
