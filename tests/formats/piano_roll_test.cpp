#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <string>
#include <vector>

import rnn.data.melody;
import rnn.formats.piano_roll;

using namespace rnn;

namespace {

constexpr Ticks quarter = ticks_of_quarter;

struct Note {
  double x, y, width;
  bool operator==(const Note&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Note& note) {
  return out << note.x << ' ' << note.y << ' ' << note.width;
}

std::vector<Note> notes_of(const std::string& svg) {
  std::vector<Note> notes;
  const std::string begin = "<rect class=\"note\" ";
  for (std::size_t at = svg.find(begin); at != std::string::npos; at = svg.find(begin, at + 1)) {
    Note note{};
    std::sscanf(svg.c_str() + at + begin.size(), "x=\"%lf\" y=\"%lf\" width=\"%lf\" height=\"7\"", &note.x, &note.y,
                &note.width);
    notes.push_back(note);
  }
  return notes;
}

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::string drawn(const std::vector<Event>& events, const Meter& meter = {}) {
  return format_piano_roll({"A < B", meter, {}, 120, events, {}});
}

}  // namespace

// A row of four bars of 4/4 is 664 pixels wide, so 41.5 for a quarter note, and 7 high for each pitch.

BOOST_AUTO_TEST_CASE(notes_are_where_their_times_and_pitches_are_and_go_on_in_the_next_row) {
  const std::string svg = drawn({{60, 4 * quarter}, {rest, quarter}, {72, 2 * quarter}, {64, 12 * quarter}});
  const std::vector<Note> expected = {
      {44, 44 + 84, 165}, {251.5, 44, 82}, {334.5, 44 + 56, 372.5}, {44, 44 + 13 * 7 + 26 + 56, 123.5}};
  BOOST_TEST(notes_of(svg) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(bars_and_the_notes_c_have_lines_and_names) {
  const std::string svg = drawn({{60, 4 * quarter}, {72, 13 * quarter}});
  BOOST_TEST(count(svg, "class=\"grid\"") == 2 * (5 + 2));
  for (const char* line :
       {"M44.0 44.0V135.0", "M210.0 44.0V135.0", "M376.0 44.0V135.0", "M542.0 44.0V135.0", "M708.0 44.0V135.0",
        "M708.0 161.0V252.0", "M44 135.0H708", "M44 51.0H708", "M44 252.0H708", "M44 168.0H708",
        "<text x=\"44.0\" y=\"39.0\">1</text>", "<text x=\"44.0\" y=\"156.0\">5</text>",
        "<text x=\"38\" y=\"135.0\" text-anchor=\"end\">C4</text>",
        "<text x=\"38\" y=\"168.0\" text-anchor=\"end\">C5</text>"}) {
    BOOST_TEST(count(svg, line) == 1, line);
  }
  BOOST_TEST(count(svg, "viewBox=\"0 0 720 264\"") == 1);
  BOOST_TEST(count(svg, ">A &lt; B</text>") == 1);
}

BOOST_AUTO_TEST_CASE(a_first_note_that_is_late_in_its_bar_is_drawn_there) {
  const std::vector<Note> expected = {{44 + 3 * 41.5, 44, 40.5}};
  BOOST_TEST(notes_of(drawn({{60, quarter, 3 * quarter}})) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(four_bars_fill_a_row_and_one_tick_more_begins_another) {
  const auto one_row = "viewBox=\"0 0 720 63\"", two_rows = "viewBox=\"0 0 720 96\"";
  BOOST_TEST(count(drawn({{60, 16 * quarter}}), one_row) == 1);
  BOOST_TEST(count(drawn({{60, 16 * quarter}, {60, 1}}), two_rows) == 1);
  BOOST_TEST(count(drawn({{60, 12 * quarter}}, {3, 4}), one_row) == 1);
  BOOST_TEST(count(drawn({{60, 12 * quarter}, {60, 1}}, {3, 4}), two_rows) == 1);
  BOOST_TEST(count(drawn({}), one_row) == 1);
  BOOST_TEST(count(drawn({{rest, 1}}), ">C4</text>") == 1);
}

BOOST_AUTO_TEST_CASE(the_shortest_note_can_be_seen) {
  const std::vector<Note> expected = {{44, 44, 1}};
  BOOST_TEST(notes_of(drawn({{72, 1}})) == expected, boost::test_tools::per_element());
}
