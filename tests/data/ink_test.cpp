#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "../support/drawn_pictures.hpp"

import rnn.base.error;
import rnn.data.as_mnist;
import rnn.data.picture;

using namespace rnn;
using namespace rnn::testing;

namespace {

/// A way in which pictures of digits differ from MNIST's.
struct Kind {
  std::string name;
  Picture (*draw)(const Canvas& ink, Dice& dice);
  double farthest = 0.3;  // on average from the image of the clean picture, as a part of its ink
};

Picture gray(const Canvas& paper) { return to_picture({&paper}); }
Picture with_noise(double sigma, const Canvas& ink, Dice& dice) { return gray(noisy(dyed(ink, 230, 40), sigma, dice)); }
Picture shaded(const Canvas& ink, double (*light)(double x, double y)) { return gray(lit(dyed(ink, 245, 37), light)); }

const Kind kinds[] = {
    {"noise of 6", [](const Canvas& ink, Dice& dice) { return with_noise(6, ink, dice); }},
    {"noise of 15", [](const Canvas& ink, Dice& dice) { return with_noise(15, ink, dice); }},
    {"dust", [](const Canvas& ink, Dice& dice) { return gray(dusty(dyed(ink, 230, 40), 0.02, dice)); }},
    {"specks", [](const Canvas& ink, Dice&) { return gray(specked(dyed(ink, 255, 0), {2, 5, 9, 12})); }},
    {"a frame", [](const Canvas& ink, Dice&) { return gray(framed(dyed(ink, 255, 0), 2, 0, 0, "tblr")); }},
    {"a thick frame", [](const Canvas& ink, Dice&) { return gray(framed(dyed(ink, 255, 0), 8, 0, 0, "tblr")); }},
    {"a gray frame", [](const Canvas& ink, Dice&) { return gray(framed(dyed(ink, 255, 0), 4, 150, 0, "tblr")); }},
    {"a frame within", [](const Canvas& ink, Dice&) { return gray(framed(dyed(ink, 255, 0), 3, 0, 10, "tblr")); }},
    {"half a frame", [](const Canvas& ink, Dice&) { return gray(framed(dyed(ink, 255, 0), 5, 0, 0, "tl")); }},
    {"a black frame, gray ink",
     [](const Canvas& ink, Dice&) { return gray(framed(dyed(ink, 220, 150), 3, 0, 0, "tblr")); }},
    {"grid paper", [](const Canvas& ink, Dice&) { return gray(ruled(dyed(ink, 255, 0), 28, 1, 0, 150, true)); }, 0.45},
    {"black grid", [](const Canvas& ink, Dice&) { return gray(ruled(dyed(ink, 255, 0), 40, 2, 0, 0, true)); }, 0.45},
    {"turned lines", [](const Canvas& ink, Dice&) { return gray(ruled(dyed(ink, 255, 0), 32, 2, 0.04, 120, false)); }},
    {"dark paper", [](const Canvas& ink, Dice&) { return gray(dyed(ink, 110, 0)); }},
    {"white on gray", [](const Canvas& ink, Dice&) { return gray(dyed(ink, 150, 255)); }},
    {"hardly any contrast", [](const Canvas& ink, Dice&) { return gray(dyed(ink, 128, 114)); }},
    {"light from the left",
     [](const Canvas& ink, Dice&) { return shaded(ink, [](double x, double) { return 1 - 0.6 * x; }); }},
    {"light from below",
     [](const Canvas& ink, Dice&) { return shaded(ink, [](double, double y) { return 0.5 + 0.5 * y; }); }},
    {"a dark corner",
     [](const Canvas& ink, Dice&) { return shaded(ink, [](double x, double y) { return 1 - 0.3 * (x + y); }); }},
    {"dark corners",
     [](const Canvas& ink, Dice&) {
       return shaded(ink, [](double x, double y) { return 1 - 1.2 * (std::pow(x - 0.5, 2) + std::pow(y - 0.5, 2)); });
     }},
    {"a hard shadow",
     [](const Canvas& ink, Dice&) {
       return shaded(ink, [](double x, double y) { return x + 0.5 * y > 0.8 ? 0.55 : 1.0; });
     }},
    {"a lamp",
     [](const Canvas& ink, Dice&) {
       return shaded(ink, [](double x, double y) {
         return 0.5 + 0.5 * std::exp(-12 * (std::pow(x - 0.3, 2) + std::pow(y - 0.3, 2)));
       });
     }},
    {"red on green, as bright",
     [](const Canvas& ink, Dice&) {
       const Canvas red = dyed(ink, 90, 190), green = dyed(ink, 160, 115), blue = dyed(ink, 90, 110);
       return to_picture({&red, &green, &blue});
     }},
    {"a wide page", [](const Canvas& ink, Dice&) { return gray(dyed(placed(ink, 260, 2300, 20, 1900), 255, 0)); }},
    {"a large page", [](const Canvas& ink, Dice&) { return gray(dyed(placed(ink, 1500, 1500, 1200, 40), 240, 20)); }},
    {"a sheet on a table",
     [](const Canvas& ink, Dice& dice) {
       return gray(noisy(placed(dyed(ink, 225, 40), 400, 400, 90, 80, 60), 3, dice));
     }},
    {"opaque on transparent",
     [](const Canvas& ink, Dice&) {
       const Canvas black = dyed(ink, 0, 0), opacity = dyed(ink, 0, 255);
       return to_picture({&black, &opacity});
     }},
    {"transparent on opaque",
     [](const Canvas& ink, Dice&) {
       const Canvas white = dyed(ink, 255, 255), opacity = dyed(ink, 255, 0);
       return to_picture({&white, &opacity});
     }},
    {"trimmed", [](const Canvas& ink, Dice&) { return gray(dyed(trimmed(widened(ink, 0)), 255, 0)); }, 0.5},
    {"trimmed, white on black", [](const Canvas& ink, Dice&) { return gray(dyed(trimmed(widened(ink, 0)), 0, 255)); },
     0.5},
    {"bold and trimmed", [](const Canvas& ink, Dice&) { return gray(dyed(trimmed(widened(ink, 6)), 255, 0)); }, 1.0},
    {"a thin pen", [](const Canvas& ink, Dice&) { return gray(dyed(widened(ink, -5), 255, 0)); }, 0.6},
    {"blurred", [](const Canvas& ink, Dice&) { return gray(blurred(dyed(ink, 255, 0), 5)); }, 0.5},
};

}  // namespace

BOOST_AUTO_TEST_CASE(ink_is_told_from_whatever_else_is_in_a_picture) {
  constexpr Index count = 4;
  for (const Kind& kind : kinds) {
    Dice dice(7);
    double sum = 0;
    for (Index k = 0; k < count; ++k) {
      const Canvas ink = drawn_digit(k);
      const auto clean = as_mnist(to_picture({&ink}), "clean").pixels;
      try {
        sum += difference(clean, as_mnist(kind.draw(ink, dice), kind.name).pixels) / count;
      } catch (const FileError& error) {
        BOOST_ERROR(error.what());
      }
    }
    BOOST_TEST(sum < kind.farthest, kind.name << ": " << sum << " from the clean picture");
    BOOST_TEST_MESSAGE(kind.name << ": " << sum);
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
  const Canvas blank = dyed(drawn_digit(0), 200, 200);
  const std::string nothing = "F: expected a digit that stands out from its paper, found no ink: brightness ";
  BOOST_TEST(refused(gray(blank)) == nothing + "200 to 200 of 255");
  BOOST_TEST(refused(gray(lit(blank, [](double x, double) { return 1 - 0.5 * x; }))).starts_with(nothing));
  BOOST_TEST(refused(gray(framed(blank, 3, 0, 0, "tblr"))).starts_with(nothing));
  BOOST_TEST(refused(gray(specked(blank, {1, 2, 3}))) == "F: expected a digit, found only specks of at most 3 pixels");
}
