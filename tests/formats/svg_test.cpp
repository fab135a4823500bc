#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>
#include <string>

import rnn.formats.svg;

using namespace rnn;

BOOST_AUTO_TEST_CASE(axes_are_labeled_at_round_numbers) {
  BOOST_TEST(tick_distance(0, 10) == 2);
  BOOST_TEST(tick_distance(0, 1) == 0.2, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(tick_distance(0, 55) == 20);
  BOOST_TEST(tick_distance(-300, 100) == 100);
}

BOOST_AUTO_TEST_CASE(a_number_that_is_not_finite_leaves_a_gap) {
  const std::string svg = to_svg({{"", "", {{"a", {0, 1, 2, 3, 4}, {0, 1, NAN, 1, 0}}}}});
  BOOST_TEST(svg.find("nan") == std::string::npos);
  BOOST_TEST(svg.find("d=\"M70.0 210.0L227.5 40.0M542.5 40.0L700.0 210.0\"") != std::string::npos, svg);
}

BOOST_AUTO_TEST_CASE(nothing_and_one_point_are_drawings_too) {
  for (const Curve& curve : {Curve{"a", {}, {}}, Curve{"a", {1}, {5}}}) {
    const std::string svg = to_svg({{"<title> & more", "x", {curve}}});
    BOOST_TEST(svg.find("&lt;title> &amp; more") != std::string::npos);
    BOOST_TEST(svg.find("nan") == std::string::npos);
    BOOST_TEST(svg.find("inf") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(x_and_y_have_the_same_length) {
  BOOST_CHECK_THROW(to_svg({{"", "", {{"a", {1, 2}, {1}}}}}), std::invalid_argument);
}
