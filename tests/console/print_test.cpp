#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <type_traits>

import rnn.console.print;
import rnn.linalg.matrix;

using namespace rnn;

namespace {

std::string printed(ConstView a, Axes axes = {}) {
  std::ostringstream out;
  print(out, "a", a, axes);
  return out.str();
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_matrix_is_aligned_at_the_decimal_point_with_its_shape_above) {
  Matrix a(2, 3, Real(0));
  a(0, 0) = Real(0.5);
  a(0, 1) = Real(-1);
  a(1, 0) = Real(-12.25);
  a(1, 2) = Real(100);
  BOOST_TEST(printed(a, {"batch", "neurons"}) ==
             "a  (batch 2 x neurons 3)\n"
             "  [  0.5   -1.     0.  ]\n"
             "  [-12.25   0.   100.  ]\n");
}

BOOST_AUTO_TEST_CASE(there_is_room_for_the_most_digits_on_either_side_of_the_point) {
  Matrix a(2, 1, Real(100));
  a(1, 0) = Real(0.0625);
  BOOST_TEST(printed(a) == "a  (rows 2 x columns 1)\n  [100.    ]\n  [  0.0625]\n");
}

BOOST_AUTO_TEST_CASE(beside_large_numbers_one_without_eight_places_is_nothing) {
  Matrix a(1, 2, Real(1));
  a(0, 1) = Real(1e-9);
  BOOST_TEST(printed(a) == "a  (rows 1 x columns 2)\n  [1. 0.]\n");
}

BOOST_AUTO_TEST_CASE(numbers_have_the_digits_of_numpy) {
  if constexpr (std::is_same_v<Real, float>) {
    Matrix a(1, 5);
    const float values[] = {0.817643f, 0.99002373f, -0.15017775f, -0.99039215f, 0.00474932f};
    std::ranges::copy(values, a.data().begin());
    BOOST_TEST(printed(a) ==
               "a  (rows 1 x columns 5)\n"
               "  [ 0.817643    0.99002373 -0.15017775 -0.99039215  0.00474932]\n");
  }
}

BOOST_AUTO_TEST_CASE(very_large_and_very_small_numbers_are_in_scientific_notation) {
  Matrix a(1, 2, Real(0));
  a(0, 0) = Real(1.5e20);
  BOOST_TEST(printed(a) == "a  (rows 1 x columns 2)\n  [1.5e+20 0.e+00 ]\n");
  a(0, 0) = Real(std::ldexp(1.0, -30));
  BOOST_TEST(printed(a).find("e-10") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_not_a_number_stands_in_its_column) {
  Matrix a(2, 1, Real(0.25));
  a(0, 0) = std::numeric_limits<Real>::quiet_NaN();
  BOOST_TEST(printed(a) == "a  (rows 2 x columns 1)\n  [ nan]\n  [0.25]\n");
  a(0, 0) = -std::numeric_limits<Real>::infinity();
  BOOST_TEST(printed(a) == "a  (rows 2 x columns 1)\n  [-inf]\n  [0.25]\n");
  a(1, 0) = 1;
  BOOST_TEST(printed(a) == "a  (rows 2 x columns 1)\n  [-inf]\n  [  1.]\n");
}

BOOST_AUTO_TEST_CASE(a_sequence_is_shown_example_by_example) {
  Sequence a(2, 2, 1);
  a(0, 1, 0) = Real(1);
  a(1, 0, 0) = Real(2);
  std::ostringstream out;
  print(out, "outputs", a, "neurons");
  BOOST_TEST(out.str() ==
             "outputs  (batch 2 x time 2 x neurons 1)\n"
             "  example 0\n    t=0  [0.]\n    t=1  [2.]\n"
             "  example 1\n    t=0  [1.]\n    t=1  [0.]\n");
}

BOOST_AUTO_TEST_CASE(what_is_empty_has_a_shape_and_no_rows) {
  std::ostringstream out;
  print(out, "outputs", Sequence(0, 2, 3), "neurons");
  BOOST_TEST(out.str() == "outputs  (batch 2 x time 0 x neurons 3)\n  example 0\n  example 1\n");
  BOOST_TEST(printed(Matrix(0, 4)) == "a  (rows 0 x columns 4)\n");
}

BOOST_AUTO_TEST_CASE(more_than_a_thousand_numbers_are_cut_in_the_middle) {
  Matrix a(20, 60, Real(1));
  a(10, 30) = Real(12345);  // not shown, so no room is made for it
  const std::string text = printed(a);
  BOOST_TEST(std::ranges::count(text, '\n') == 1 + 3 + 1 + 3);
  BOOST_TEST(text.find("[1. 1. 1. ... 1. 1. 1.]") != std::string::npos);
  BOOST_TEST(printed(Matrix(20, 50, Real(1))).find("...") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_not_a_number_has_no_sign) {
  Matrix a(1, 2, std::numeric_limits<Real>::quiet_NaN());
  a(0, 1) = -a(0, 0);
  BOOST_TEST(printed(a) == "a  (rows 1 x columns 2)\n  [nan nan]\n");
}

BOOST_AUTO_TEST_CASE(the_notation_changes_at_powers_of_ten) {
  Matrix a(1, 1);
  const auto text = [&](double value) {
    a(0, 0) = Real(value);
    const std::string all = printed(a);
    return all.substr(all.find('['));
  };
  BOOST_TEST(text(1e8) == "[1.e+08]\n");
  BOOST_TEST(text(99999000) == "[99999000.]\n");
  BOOST_TEST(text(-1e8) == "[-1.e+08]\n");
  BOOST_TEST(text(1e-4) == "[0.0001]\n");
  BOOST_TEST(text(0.000099) == "[9.9e-05]\n");
  BOOST_TEST(text(0) == "[0.]\n");
  BOOST_TEST(text(100) == "[100.]\n");
}

BOOST_AUTO_TEST_CASE(what_is_cut_has_three_at_each_end_and_an_axis_of_six_is_whole) {
  Matrix a(6, 200, Real(1));
  a(5, 199) = Real(0.5);
  std::string ones = "  [1.  1.  1.  ... 1.  1.  1. ]\n", expected = "a  (rows 6 x columns 200)\n";
  for (int i = 0; i < 5; ++i) expected += ones;
  BOOST_TEST(printed(a) == expected + "  [1.  1.  1.  ... 1.  1.  0.5]\n");
  BOOST_TEST(printed(Matrix(200, 6, Real(1))).find(" ... ") == std::string::npos);
  BOOST_TEST(printed(Matrix(200, 7, Real(1))).find("[1. 1. 1. ... 1. 1. 1.]") != std::string::npos);
  BOOST_TEST(printed(Matrix(600, 2, Real(1))).find("  [1. 1.]\n  ...\n  [1. 1.]\n") != std::string::npos);
  BOOST_TEST(printed(Matrix(1001, 1, Real(1))).find("...") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_long_sequence_is_cut_along_every_axis) {
  Sequence a(11, 12, 13);  // steps, batch, features
  for (Index t = 0; t < 11; ++t) {
    for (Index i = 0; i < 12; ++i) {
      for (Index j = 0; j < 13; ++j) a(t, i, j) = t == 5 || i == 5 || j == 5 ? Real(0.25) : Real(i % 10);
    }
  }
  std::string expected = "a  (batch 12 x time 11 x inputs 13)\n";
  for (const int i : {0, 1, 2, -1, 9, 10, 11}) {
    expected += i < 0 ? "  ...\n" : "  example " + std::to_string(i) + "\n";
    const std::string n = std::to_string(i % 10) + ".";
    const std::string row = "[" + n + " " + n + " " + n + " ... " + n + " " + n + " " + n + "]\n";
    for (const char* step : {"0 ", "1 ", "2 ", "", "8 ", "9 ", "10"}) {
      if (i >= 0) expected += std::string(*step ? "    t=" : "    ...\n") + step + (*step ? "  " + row : "");
    }
  }
  std::ostringstream out;
  print(out, "a", a, "inputs");
  BOOST_TEST(out.str() == expected);
  std::ostringstream ten;
  print(ten, "a", Sequence(10, 1, 1), "inputs");
  BOOST_TEST(ten.str().find("    t=9  [") != std::string::npos);
  std::ostringstream thousand;
  print(thousand, "a", Sequence(10, 10, 10), "inputs");
  BOOST_TEST(thousand.str().find("...") == std::string::npos);
  BOOST_TEST(thousand.str().find("[0. 0. 0. 0. 0. 0. 0. 0. 0. 0.]") != std::string::npos);
}
