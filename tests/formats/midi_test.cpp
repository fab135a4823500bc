#include <boost/test/unit_test.hpp>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

import rnn.data.melody;
import rnn.formats.midi;

using namespace rnn;

// Expected files are written by hand after the Standard MIDI Files 1.0.

namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

/// Where two files differ first, in words; nothing if they are the same.
std::string difference(const std::string& a, const std::string& b) {
  std::size_t at = 0;
  while (at < a.size() && at < b.size() && a[at] == b[at]) ++at;
  return a == b ? "" : "byte " + std::to_string(at) + " of " + std::to_string(b.size());
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_AUTO_TEST_CASE(a_tune_is_one_track) {
  const Melody melody{"Ab", {6, 8}, {-1, true}, 90, {{60, 10080}, {rest, 5040}, {62, 3}}, {}};
  const std::string expected = bytes({'M',  'T',  'h',  'd', 0,    0,    0,    6,  0, 1, 0, 1, 0x27, 0x60,  // 10,080
                                      'M',  'T',  'r',  'k', 0,    0,    0,    52,                          //
                                      0,    0xff, 0x03, 2,   'A',  'b',                                     // title
                                      0,    0xff, 0x51, 3,   0x0a, 0x2c, 0x2b,     // 666,667 µs a quarter note
                                      0,    0xff, 0x58, 4,   6,    3,    24,   8,  // 6/2³
                                      0,    0xff, 0x59, 2,   0xff, 1,              // one flat, minor
                                      0,    0xc0, 24,                              // a guitar
                                      0,    0x90, 60,   96,                        //
                                      0xce, 0x60, 0x80, 60,  0,                    // 78 · 128 + 96
                                      0xa7, 0x30, 0x90, 62,  96,                   // 39 · 128 + 48
                                      3,    0x80, 62,   0,                         //
                                      0,    0xff, 0x2f, 0});                       // the end
  BOOST_TEST(difference(format_midi(melody), expected) == "");
}

BOOST_AUTO_TEST_CASE(chords_are_a_second_track_and_end_with_the_tune_or_the_next_chord) {
  const Melody melody{
      "", {}, {}, 120, {{60, 10080}}, {{0, 0, Chord::Kind::major}, {5040, 9, Chord::Kind::minor_seventh}}};
  const std::string file = format_midi(melody);
  BOOST_TEST(file.substr(8, 4) == bytes({0, 1, 0, 2}));
  const std::string expected =
      bytes({'M',  'T',  'r',  'k',  0,    0,    0,    65,                                      //
             0,    0xc1, 24,                                                                    //
             0,    0x91, 48,   50,   0,    0x91, 52,   50,   0,    0x91, 55,   50,              //
             0xa7, 0x30, 0x81, 48,   0,    0,    0x81, 52,   0,    0,    0x81, 55, 0,           //
             0,    0x91, 57,   50,   0,    0x91, 60,   50,   0,    0x91, 64,   50, 0,    0x91,  //
             67,   50,   0xa7, 0x30, 0x81, 57,   0,    0,    0x81, 60,   0,    0,  0x81, 64,    //
             0,    0,    0x81, 67,   0,    0,    0xff, 0x2f, 0});
  BOOST_TEST(difference(file.substr(file.find("MTrk", 20)), expected) == "");
}

BOOST_AUTO_TEST_CASE(chords_for_no_time_are_left_out) {
  const Chord c{0, 0}, d_until_c{0, 2}, after_the_end{10080, 4};
  const Melody melody{"", {}, {}, 120, {{60, 10080}}, {c}};
  Melody more = melody;
  more.chords = {d_until_c, c, after_the_end};
  BOOST_TEST(difference(format_midi(more), format_midi(melody)) == "");
}

BOOST_AUTO_TEST_CASE(times_are_numbers_of_variable_length) {
  const std::vector<std::pair<Ticks, std::string>> numbers = {// the table of the specification
                                                              {0x40, bytes({0x40})},
                                                              {0x7f, bytes({0x7f})},
                                                              {0x80, bytes({0x81, 0})},
                                                              {0x2000, bytes({0xc0, 0})},
                                                              {0x3fff, bytes({0xff, 0x7f})},
                                                              {0x4000, bytes({0x81, 0x80, 0})},
                                                              {0x100000, bytes({0xc0, 0x80, 0})},
                                                              {0x1fffff, bytes({0xff, 0xff, 0x7f})},
                                                              {0x200000, bytes({0x81, 0x80, 0x80, 0})},
                                                              {0x8000000, bytes({0xc0, 0x80, 0x80, 0})},
                                                              {0xfffffff, bytes({0xff, 0xff, 0xff, 0x7f})}};
  for (const auto& [number, written] : numbers) {
    const Melody melody{"", {}, {}, 120, {{60, number}}, {}};
    BOOST_TEST(contains(format_midi(melody), bytes({0x90, 60, 96}) + written + bytes({0x80, 60, 0})), number);
  }
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_cut) {
  Melody melody{std::string(101, 'x'), {}, {}, 1, {}, {}};
  BOOST_TEST(contains(format_midi(melody), bytes({0xff, 0x03, 100}) + std::string(100, 'x') + bytes({0, 0xff})));
  BOOST_TEST(contains(format_midi(melody), bytes({0xff, 0x51, 3, 0xff, 0xff, 0xff})));
  melody.tempo = 1e9;
  BOOST_TEST(contains(format_midi(melody), bytes({0xff, 0x51, 3, 0, 0, 1})));
}
