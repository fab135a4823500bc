#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <string>
#include <vector>

import rnn.data.melody;

using namespace rnn;

BOOST_AUTO_TEST_CASE(every_pitch_is_called_by_a_name_that_is_understood) {
  for (int pitch = 12; pitch <= highest_pitch; ++pitch) BOOST_TEST(parse_pitch(pitch_name(pitch)) == pitch);
  BOOST_TEST(pitch_name(60) == "C4");
  BOOST_TEST(pitch_name(69) == "A4");
  BOOST_TEST(parse_pitch("Bb3") == 58);
  BOOST_TEST(parse_pitch("A#3") == 58);
  BOOST_TEST(parse_pitch("Cb4") == 59);
  BOOST_TEST(parse_pitch("rest") == rest);
}

BOOST_AUTO_TEST_CASE(what_is_no_pitch_is_refused) {
  for (const char* name :
       {"", " ", "4", "H4", "c4", "C", "C4x", "C99", "C-1", "C####4", "Cbb-0", "G#9", "C4294967297"}) {
    BOOST_CHECK_THROW(parse_pitch(name), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(events_are_pitches_and_quarter_notes) {
  const std::vector<Event> events = parse_events("C4:1 E4:1/2  rest:3/2\n");
  const std::vector<Event> expected = {
      {60, ticks_of_quarter}, {64, ticks_of_quarter / 2}, {rest, ticks_of_quarter * 3 / 2}};
  BOOST_TEST((events == expected));
  BOOST_TEST(duration_name(events[2].duration) == "3/2");
  BOOST_TEST(duration_name(events[0].duration) == "1");
}

BOOST_AUTO_TEST_CASE(what_is_no_event_is_refused) {
  for (const char* text : {"", "  ", "C4", "C4:", "C4:0", "C4:1/0", "C4:x", "C4:65", "C4:1/129", "C4:1/11", "C4:1:1",
                           ":1", "C4:-1", "C4:99999999999"}) {
    BOOST_CHECK_THROW(parse_events(text), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(a_melody_moves_with_its_key_and_chords) {
  const Melody melody{
      "", {3, 4}, {2, false}, 120, {{62, 10}, {rest, 5}}, {{0, 2, Chord::Kind::major}, {5, 11, Chord::Kind::minor}}};
  const Melody c = transposed(melody, semitones_to_c(melody.key));
  BOOST_TEST(c.events[0].pitch == 60);
  BOOST_TEST(c.events[1].pitch == rest);
  BOOST_TEST(c.key.sharps == 0);
  BOOST_TEST(chord_name(c.chords[0]) == "C");
  BOOST_TEST(chord_name(c.chords[1]) == "Am");
  BOOST_CHECK_THROW(transposed(melody, 66), std::invalid_argument);
  BOOST_CHECK_THROW(transposed(melody, -63), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(every_key_comes_to_c_by_at_most_six_semitones) {
  for (int sharps = -7; sharps <= 7; ++sharps) {
    const int semitones = semitones_to_c({sharps, false});
    BOOST_TEST((semitones >= -5 && semitones <= 6));
    BOOST_TEST(transposed({.title = "", .meter = {}, .key = {sharps, true}, .events = {}, .chords = {}}, semitones)
                   .key.sharps == 0);
  }
}

BOOST_AUTO_TEST_CASE(positions_count_from_the_bar_line) {
  std::vector<Event> events(5, {60, ticks_of_quarter});
  set_positions(events, 3 * ticks_of_quarter, 2 * ticks_of_quarter);
  for (std::size_t i = 0; i < events.size(); ++i) BOOST_TEST(events[i].position == (i + 2) % 3 * ticks_of_quarter);
}
