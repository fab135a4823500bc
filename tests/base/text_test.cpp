#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

import rnn.base.error;
import rnn.base.text;

using namespace rnn;

BOOST_AUTO_TEST_CASE(what_a_terminal_would_obey_is_shown_as_an_escape) {
  BOOST_TEST(printable("a\nb\tc\rd") == "a\\nb\\tc\\x0dd");
  BOOST_TEST(printable("\x1b[31mred\x07\x7f") == "\\x1b[31mred\\x07\\x7f");
  BOOST_TEST(printable(std::string("a\0b", 3)) == "a\\x00b");
  BOOST_TEST(printable("\u009b31m") == "\\u009b31m");  // the control sequence introducer in one character
  BOOST_TEST(printable("evil\u202egnp.exe") == "evil\\u202egnp.exe");
  BOOST_TEST(printable("\u2028\u2029\u2066\u200f\u061c") == "\\u2028\\u2029\\u2066\\u200f\\u061c");
}

BOOST_AUTO_TEST_CASE(what_is_beside_a_control_character_is_shown) {
  for (const std::string text :
       {" ", "~", "\u00a0", "\u061b", "\u061d", "\u200d", "\u2010", "\u2027", "\u202f", "\u2065", "\u206a"}) {
    BOOST_TEST(printable(text) == text);
  }
  BOOST_TEST(printable("\u0080\u009f\u200e\u202a\u2069\x1f") == "\\u0080\\u009f\\u200e\\u202a\\u2069\\x1f");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_utf_8_are_shown_as_bytes) {
  BOOST_TEST(printable("a\xff\xfe") == "a\\xff\\xfe");
  BOOST_TEST(printable("\xc3") == "\\xc3");
  BOOST_TEST(printable("\xc3(") == "\\xc3(");
  BOOST_TEST(printable("\xc0\x80") == "\\xc0\\x80");           // an overlong zero
  BOOST_TEST(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // half of a pair
  BOOST_TEST(printable("\x9b"
                       "31m") == "\\x9b31m");
}

BOOST_AUTO_TEST_CASE(all_other_text_stays_as_it_is_and_escaping_again_changes_nothing) {
  for (const std::string text : {"", "plain.png", "a b\\c'd\"", "Größe", "数字", "🧠", "e\u0301", "👩\u200d🔬"}) {
    BOOST_TEST(printable(text) == text);
  }
  for (const std::string text : {"a\nb", "\x1b[0m", "\xff", "\u202e"}) {
    BOOST_TEST(printable(printable(text)) == printable(text));
  }
}

BOOST_AUTO_TEST_CASE(a_long_text_loses_its_middle_and_no_half_character_stays) {
  BOOST_TEST(shortened("0123456789", 10) == "0123456789");
  BOOST_TEST(shortened("0123456789", 4) == "01…89");
  BOOST_TEST(shortened("0123456789", 5) == "01…789");
  for (std::size_t most = 0; most < 40; ++most) {
    std::string text;
    for (int i = 0; i < 14; ++i) text += i % 2 ? "€" : "ä";
    const std::string cut = shortened(text, most);
    BOOST_TEST(printable(cut) == cut, most);
    BOOST_TEST(cut.size() <= std::max(most + 3, text.size()), most);
  }
}

BOOST_AUTO_TEST_CASE(where_a_character_would_be_cut_it_is_left_out) {
  BOOST_TEST(shortened("€€€€", 7) == "€…€");
  BOOST_TEST(shortened("€€€€", 8) == "€…€");
  BOOST_TEST(shortened("€€€€", 2) == "…");
  BOOST_TEST(shortened("🧠🧠🧠🧠", 14) == "🧠…🧠");
  BOOST_TEST(shortened("a🧠🧠b", 8) == "a…b");
  // Of bytes that are no characters, no more than the three that might belong to one.
  BOOST_TEST(shortened(std::string(20, '\x80'), 10) == "\x80\x80…\x80\x80");
}

BOOST_AUTO_TEST_CASE(what_is_no_text_is_shortened_within_its_bounds) {
  const std::string more_than_it(6, '\x80');  // which never begins a character
  BOOST_TEST(shortened(std::string_view(more_than_it).substr(0, 4), 2) == "…");
}

BOOST_AUTO_TEST_CASE(a_number_is_taken_from_the_front_of_a_text) {
  const auto taken = [](std::string_view text, auto expected) {
    const auto number = take_number<decltype(expected)>(text);
    BOOST_TEST(number.has_value());
    BOOST_TEST(number.value_or(0) == expected);
    return text;
  };
  BOOST_TEST(taken("12/8", 12u) == "/8");
  BOOST_TEST(taken("-7.5", -7) == ".5");
  BOOST_TEST(taken("18446744073709551615", ~std::uint64_t{0}) == "");
  BOOST_TEST(taken(std::string_view("123").substr(0, 2), 12u) == "");
  for (const char* none : {"", " 1", "+1", "-1", "x", "4294967296/8"}) {
    std::string_view text = none;
    BOOST_TEST(!take_number<unsigned>(text), none);
    BOOST_TEST(text == none);
  }
}

BOOST_AUTO_TEST_CASE(a_text_is_a_number_when_all_of_it_is) {
  BOOST_TEST(parse_number<int>("-2147483648").value() == -2147483647 - 1);
  BOOST_TEST(parse_number<std::uint64_t>("007").value() == 7u);
  BOOST_TEST(parse_number<float>("1.5e-3").value() == 1.5e-3f);
  BOOST_TEST(parse_number<double>("0.1").value() == 0.1);
  for (const char* none : {"", "7 ", "7x", "0x7", "--7", "2147483648"}) BOOST_TEST(!parse_number<int>(none), none);
  for (const char* none : {"1.5.", "1e", "1e400", "1,5"}) BOOST_TEST(!parse_number<double>(none), none);
}

BOOST_AUTO_TEST_CASE(a_file_in_an_error_is_shown_so_that_it_can_be_told) {
  BOOST_TEST(std::string(FileError("a\x1b[2Jb\xff", "is wrong").what()) == "a\\x1b[2Jb\\xff: is wrong");
  const std::string longest(255, 'n');
  BOOST_TEST(std::string(FileError(longest, "is wrong").what()) == longest + ": is wrong");
  const std::string huge = FileError("begin" + std::string(100'000, 'x') + "end", "is wrong").what();
  BOOST_TEST(huge.size() < 450u);
  BOOST_TEST(huge.starts_with("beginxxx"));
  BOOST_TEST(huge.ends_with("xxend: is wrong"));
}
