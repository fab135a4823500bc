#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "../support/processes.hpp"

import rnn.console.terminal;
import rnn.linalg.matrix;

using namespace rnn;
using Lines = std::vector<std::string>;

BOOST_AUTO_TEST_CASE(an_image_is_drawn_in_blocks_two_rows_to_a_line) {
  const std::uint8_t pixels[] = {255, 0,  96, 95,  //
                                 255, 96, 0,  95,  //
                                 0,   0,  0,  255};
  const Drawing drawing = draw_image(pixels, 4, false);
  BOOST_TEST(drawing.width == 4u);
  BOOST_TEST(drawing.lines == Lines({"█▄▀ ", "   ▀"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(with_color_every_pixel_has_its_gray) {
  const std::uint8_t pixels[] = {0, 255, 255, 128};
  const Drawing drawing = draw_image(pixels, 2, true);
  BOOST_TEST(drawing.lines == Lines({"\x1b[38;5;232;48;5;255m▀\x1b[38;5;255;48;5;243m▀\x1b[0m"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(columns_without_ink_are_left_out_as_far_as_the_width_allows) {
  const std::uint8_t pixels[] = {0, 0, 0, 255, 0, 0,  //
                                 0, 0, 0, 0,   0, 0};
  const auto lines = [&](Index width) { return draw_ink(pixels, 6, width, false).lines; };
  BOOST_TEST(lines(1) == Lines({"▀"}), boost::test_tools::per_element());
  BOOST_TEST(lines(3) == Lines({"▀  "}), boost::test_tools::per_element());
  BOOST_TEST(lines(6) == Lines({"   ▀  "}), boost::test_tools::per_element());
  const std::uint8_t full[] = {9, 9, 9, 9, 9, 9};
  BOOST_TEST(draw_ink(full, 6, 2, false).width == 6u);
}

BOOST_AUTO_TEST_CASE(a_row_and_its_numbers_are_shades) {
  const std::uint8_t pixels[] = {0, 64, 128, 191, 255};
  BOOST_TEST(draw_row(pixels, false) == " ░▒▓█");
  BOOST_TEST(draw_row(std::vector<std::uint8_t>{255}, true) == "\x1b[38;5;255;48;5;255m \x1b[0m");
  Matrix numbers(1, 5);
  for (Index j = 0; j < 5; ++j) numbers(0, j) = Real(j) - 2;
  BOOST_TEST(draw_numbers(numbers, 2, false) == " ░▒▓█");
  BOOST_TEST(draw_numbers(numbers, 1, false) == "  ▒██");
  // Blue and half blue, white and half red, red alone.
  BOOST_TEST(draw_numbers(numbers, 2, true) ==
             "\x1b[38;5;21;48;5;147m▌\x1b[38;5;231;48;5;217m▌\x1b[38;5;196;48;5;196m▌\x1b[0m");
  BOOST_TEST(draw_numbers(ConstView(numbers).columns_from(0, 2), 2, true) == "\x1b[38;5;21;48;5;147m▌\x1b[0m");
}

BOOST_AUTO_TEST_CASE(drawings_stand_side_by_side_whatever_their_height) {
  const Drawing drawings[] = {{{"aa", "b "}, 2}, {{"c"}, 1}, {{"d", "e", "f "}, 1}};
  BOOST_TEST(side_by_side(drawings) == Lines({"aa  c  d", "b      e", "       f"}), boost::test_tools::per_element());
  BOOST_TEST(side_by_side({}).empty());
}

BOOST_AUTO_TEST_CASE(the_last_line_of_an_odd_number_of_rows_is_half_paper) {
  const std::uint8_t pixels[] = {255, 255, 255};
  const Drawing drawing = draw_image(pixels, 1, true);
  BOOST_TEST_REQUIRE(drawing.lines.size() == 2u);
  BOOST_TEST(drawing.lines[1] == "\x1b[38;5;255;48;5;232m▀\x1b[0m");
}

BOOST_AUTO_TEST_CASE(the_faintest_ink_is_ink_wherever_it_is) {
  const std::uint8_t pixels[] = {0, 0, 0, 1, 0,  //
                                 0, 1, 0, 0, 0};
  BOOST_TEST(draw_ink(pixels, 5, 1, false).width == 3u);
  const std::uint8_t first[] = {255, 0, 0, 0}, last[] = {0, 0, 0, 255};
  BOOST_TEST(draw_ink(first, 4, 2, false).lines == Lines({"▀ "}), boost::test_tools::per_element());
  BOOST_TEST(draw_ink(last, 4, 2, false).lines == Lines({" ▀"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_terminal_is_known_by_its_kind_and_has_colors_and_columns) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY), none = ::open("/dev/null", O_RDWR);
  if (terminal < 0) return testing::skipped("a terminal of its own", errno);
  ::setenv("TERM", "xterm", 1), ::unsetenv("NO_COLOR");
  BOOST_TEST((is_terminal(terminal) && is_colorful(terminal)));
  BOOST_TEST((!is_terminal(none) && !is_colorful(none)));
  ::setenv("NO_COLOR", "", 1);
  BOOST_TEST(is_colorful(terminal));
  ::setenv("NO_COLOR", "1", 1);
  BOOST_TEST((is_terminal(terminal) && !is_colorful(terminal)));
  ::unsetenv("NO_COLOR"), ::setenv("TERM", "dumb", 1);
  BOOST_TEST((!is_terminal(terminal) && !is_colorful(terminal)));
  ::unsetenv("TERM");
  BOOST_TEST((!is_terminal(terminal) && !is_colorful(terminal)));

  winsize size{};
  BOOST_TEST(columns_of(none) == 80u);
  BOOST_TEST_REQUIRE(::ioctl(terminal, TIOCSWINSZ, &size) == 0);
  BOOST_TEST(columns_of(terminal) == 80u);
  size.ws_col = 1;
  BOOST_TEST_REQUIRE(::ioctl(terminal, TIOCSWINSZ, &size) == 0);
  BOOST_TEST(columns_of(terminal) == 1u);
  ::close(terminal), ::close(none);
}
