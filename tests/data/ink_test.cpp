#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "../support/picture_kinds.hpp"

import rnn.base.error;
import rnn.data.as_mnist;
import rnn.data.picture;

using namespace rnn;
using namespace rnn::testing;

namespace {

/// How far a kind of picture may be from the clean one, on average, as a part of its ink, where more is lost than a
/// third: where lines cross it, where strokes were made bolder or thinner.
double farthest(const std::string& kind) {
  static const std::map<std::string, double> limits{{"grid paper", 0.45},
                                                    {"black grid", 0.45},
                                                    {"trimmed, opaque on transparent", 0.5},
                                                    {"trimmed", 0.5},
                                                    {"trimmed, white on black", 0.5},
                                                    {"bold and trimmed, opaque on transparent", 0.8},
                                                    {"bold and trimmed", 0.8},
                                                    {"bold", 0.8},
                                                    {"a thin pen", 0.6}};
  const auto limit = limits.find(kind);
  return limit == limits.end() ? 0.33 : limit->second;
}

}  // namespace

BOOST_AUTO_TEST_CASE(ink_is_told_from_whatever_else_is_in_a_picture) {
  constexpr Index count = 2;
  std::vector<Canvas> inks;
  std::vector<std::vector<std::uint8_t>> clean;
  for (Index k = 0; k < count; ++k) {
    inks.push_back(drawn_digit(k));
    clean.push_back(as_mnist(to_picture({&inks[k]}), "clean").pixels);
  }
  for (const auto* kinds : {&noise_and_dirt(), &frames_and_lines(), &light_and_color(), &pages_and_cuts()}) {
    for (const PictureKind& kind : *kinds) {
      Dice dice(7);
      double sum = 0;
      for (Index k = 0; k < count; ++k) {
        try {
          sum += difference(clean[k], as_mnist(kind.draw(inks[k], dice), kind.name).pixels) / count;
        } catch (const FileError& error) {
          BOOST_ERROR(kind.name << ": " << error.what());
        }
      }
      BOOST_TEST(sum < farthest(kind.name), kind.name << ": " << sum << " from the clean picture");
      BOOST_TEST_MESSAGE(kind.name << ": " << sum);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_single_digit_is_refused_with_the_reason) {
  const auto refused = [](const Picture& picture) {
    try {
      as_mnist(picture, "F");
    } catch (const FileError& error) {
      return std::string(error.what());
    }
    return std::string("not refused");
  };
  const auto in_a_row = [](Index digits) {
    Canvas all = placed(drawn_digit(0), 28 * scale, 28 * scale * int(digits), 0, 0);
    for (Index k = 1; k < digits; ++k) {
      const Canvas next = placed(drawn_digit(k), all.rows, all.columns, 0, 28 * scale * int(k));
      std::ranges::transform(all.values, next.values, all.values.begin(),
                             [](double a, double b) { return std::max(a, b); });
    }
    return gray(dyed(all, 255, 0));
  };
  for (Index digits = 2; digits < 5; ++digits) {
    BOOST_TEST(refused(in_a_row(digits)) ==
               "F: expected one digit, found " + std::to_string(digits) + ": cut out one of them");
  }
  // So close that pieces of one digit might be: an eighth of their height apart.
  for (Index k = 0; k < 9; ++k) {
    const Canvas left = trimmed(drawn_digit(k)), right = trimmed(drawn_digit(k + 1));
    Canvas both = placed(left, std::max(left.rows, right.rows) + 40, left.columns + right.columns + 60, 20, 20);
    const Canvas second = placed(right, both.rows, both.columns, 20, left.columns + 40);
    std::ranges::transform(both.values, second.values, both.values.begin(),
                           [](double a, double b) { return std::max(a, b); });
    BOOST_TEST(refused(gray(dyed(both, 255, 0))) == "F: expected one digit, found 2: cut out one of them", k);
  }
  const Canvas blank = dyed(drawn_digit(0), 200, 200);
  const std::string nothing = "F: expected a digit that stands out from its paper, found no ink: brightness ";
  BOOST_TEST(refused(gray(blank)) == nothing + "200 to 200 of 255");
  BOOST_TEST(refused(gray(lit(blank, [](double x, double) { return 1 - 0.5 * x; }))).starts_with(nothing));
  BOOST_TEST(refused(gray(framed(blank, 3, 0, 0, "tblr"))).starts_with(nothing));
  BOOST_TEST(refused(gray(specked(blank, {1, 2, 3}, 20))) ==
             "F: expected a digit, found only specks of at most 3 pixels");
}
