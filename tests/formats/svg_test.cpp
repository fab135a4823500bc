#include <boost/test/unit_test.hpp>
#include <cmath>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

import rnn.formats.svg;

using namespace rnn;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A number with as few digits as streams write.
std::string brief(double number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

std::string at_x(const std::string& x, const std::string& y, const std::string& text) {
  return "<text x=\"" + x + "\" y=\"" + y + "\" text-anchor=\"middle\">" + text + "</text>";
}
std::string at_y(const std::string& y, const std::string& text) {
  return "<text x=\"62\" y=\"" + y + "\" text-anchor=\"end\">" + text + "</text>";
}

}  // namespace

BOOST_AUTO_TEST_CASE(axes_are_labeled_at_round_numbers) {
  BOOST_TEST(tick_distance(0, 5) == 1);
  BOOST_TEST(tick_distance(0, 10) == 2);
  BOOST_TEST(tick_distance(0, 1) == 0.2, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(tick_distance(0, 55) == 20);
  BOOST_TEST(tick_distance(-300, 100) == 100);
}

BOOST_AUTO_TEST_CASE(a_number_that_is_not_finite_leaves_a_gap) {
  const std::string svg = to_svg({{"", "", {{"a", {0, 1, 2, 3, 4}, {0, 1, NAN, 1, 0}}}}});
  BOOST_TEST(svg.find("nan") == std::string::npos);
  BOOST_TEST(svg.find("d=\"M70.0 210.0L227.5 40.0M542.5 40.0L700.0 210.0\"") != std::string::npos, svg);
  for (const double number : {double(INFINITY), double(-INFINITY)}) {
    BOOST_TEST(to_svg({{"", "", {{"a", {0, 1, 2, 3, 4}, {0, 1, number, 1, 0}}}}}) == svg);
  }
}

BOOST_AUTO_TEST_CASE(text_is_written_so_that_it_is_no_markup) {
  BOOST_TEST(svg_text("a < b & c > d") == "a &lt; b &amp; c > d");
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

// A panel is 260 high; in it, x goes from 70 to 700 and y from 210 up to 40.
BOOST_AUTO_TEST_CASE(a_panel_has_a_title_and_two_axes_with_their_names) {
  const Curve curve{"a", {12, 47}, {-1, 4}};  // ticks at 20, 30 and 40, 18 pixels for 1; and at each whole number
  const std::string svg = to_svg({{"Title", "time", {curve}}, {"Another", "more", {curve}}});
  BOOST_TEST(contains(svg, "viewBox=\"0 0 720 520\""));
  for (const std::string& text :
       {at_x("214.0", "228", "20"), at_x("394.0", "228", "30"), at_x("574.0", "228", "40"), at_x("385", "248", "time"),
        at_x("214.0", "488", "20"), at_x("385", "508", "more"), at_y("214.0", "-1"), at_y("180.0", "0"),
        at_y("44.0", "4"), at_y("440.0", "0"), std::string("d=\"M70.0 210.0L700.0 40.0\""),
        std::string("d=\"M70.0 470.0L700.0 300.0\""), std::string("<path class=\"grid\" d=\"M70 176.0H700\"/>"),
        std::string("<text x=\"70\" y=\"24\" font-weight=\"bold\">Title</text>"),
        std::string("<text x=\"70\" y=\"284\" font-weight=\"bold\">Another</text>")}) {
    BOOST_TEST(contains(svg, text), text);
  }
  for (const std::string none : {">10</text>", ">50</text>", ">-2</text>", ">5</text>"}) {
    BOOST_TEST(!contains(svg, none), none);
  }
}

BOOST_AUTO_TEST_CASE(an_axis_has_a_tick_at_its_end_whatever_the_sign) {
  for (const auto& [least, most] : {std::pair(-4.0, 0.0), {-5.0, -1.0}, {-1.0, 4.0}, {0.1, 0.6}}) {
    const std::string svg = to_svg({{"", "", {{"a", {0, 1}, {least, most}}}}});
    BOOST_TEST(contains(svg, at_y("44.0", brief(most))), svg);
    BOOST_TEST(contains(svg, at_y("214.0", brief(least))), svg);
  }
  BOOST_TEST(contains(to_svg({{"", "", {{"a", {0, 1}, {-0.25, 4}}}}}), at_y("204.0", "0")));
  BOOST_TEST(!contains(to_svg({{"", "", {{"a", {0, 1}, {0, 5e-7}}}}}), ">6e-07<"));
  BOOST_TEST(contains(to_svg({{"", "", {{"a", {0, 1}, {1e9, 1e9 + 5}}}}}), at_y("44.0", "1e+09")));
}

BOOST_AUTO_TEST_CASE(one_number_is_in_the_middle_of_its_axis_and_none_is_an_axis_to_1) {
  BOOST_TEST(contains(to_svg({{"", "", {{"a", {3}, {5}}}}}), at_y("129.0", "5")));
  BOOST_TEST(contains(to_svg({{"", "", {{"a", {3}, {5}}}}}), at_x("385.0", "228", "3")));
  for (const double number : {0.0, -7.0, 1e17}) {
    BOOST_TEST(contains(to_svg({{"", "", {{"a", {3}, {number}}}}}), at_y("129.0", brief(number))), number);
  }
  const std::string empty = to_svg({{"", "", {}}});
  BOOST_TEST((contains(empty, at_y("214.0", "0")) && contains(empty, at_y("44.0", "1"))));
}

BOOST_AUTO_TEST_CASE(numbers_that_differ_in_their_last_digits_alone_are_drawn_as_one) {
  const std::string svg = to_svg({{"", "", {{"a", {0, 1, 2}, {1, std::nextafter(1, 2), 1}}}}});
  BOOST_TEST(contains(svg, "d=\"M70.0 125.0L385.0 125.0L700.0 125.0\""), svg);
  BOOST_TEST(contains(to_svg({{"", "", {{"a", {0, 1}, {1, 1 + 1e-11}}}}}), "d=\"M70.0 210.0L700.0 40.0\""));
}

BOOST_AUTO_TEST_CASE(curves_are_named_in_their_colors_from_the_right_to_the_left) {
  const Curve curve{"abc", {0, 1}, {0, 1}};
  const std::string svg = to_svg({{"", "", {curve, curve, curve, curve, curve}}});
  const auto name = [](const std::string& x, const std::string& color) {
    return "<text x=\"" + x + "\" y=\"24\" text-anchor=\"end\" style=\"fill:" + color + "\">abc</text>";
  };
  // Nine pixels a letter, and 16 between two names.
  for (const std::string& text : {name("700", "#0072b2"), name("657", "#cc79a7"), name("614", "#009e73"),
                                  name("571", "#d55e00"), name("528", "#0072b2")}) {
    BOOST_TEST(contains(svg, text), text);
  }
  for (const std::string color : {"#0072b2", "#d55e00", "#009e73", "#cc79a7"}) {
    BOOST_TEST(contains(svg, "fill=\"none\" stroke=\"" + color + "\""), color);
  }
}

BOOST_AUTO_TEST_CASE(a_drawing_has_the_rules_that_it_is_given_for_light_and_for_dark) {
  const std::string svg = svg_document(30, 20, "<body/>", " .a { b }", " .c { d }");
  BOOST_TEST(contains(svg, "viewBox=\"0 0 30 20\" width=\"30\" height=\"20\""));
  BOOST_TEST(svg.find(" .a { b }") < svg.find("@media"));
  BOOST_TEST(svg.find(" .c { d } }</style>") > svg.find("@media"));
  BOOST_TEST(svg.find("<body/></svg>") > svg.find("</style>"));
}
