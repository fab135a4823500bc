#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <string>
#include <utility>
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
  BOOST_TEST(parse_pitch("C##4") == 62);
  BOOST_TEST(parse_pitch("Cbb0") == 10);  // the lowest
  BOOST_TEST(parse_pitch("G9") == 127);
  BOOST_TEST(parse_pitch("rest") == rest);
  BOOST_TEST(parse_pitch("z") == rest);
  BOOST_TEST(pitch_name(rest) == "rest");
}

BOOST_AUTO_TEST_CASE(what_is_no_pitch_is_refused) {
  for (const char* name : {"", " ", "4", " 4", "H4", "c4", "C", "C4x", "C99", "C-1", "C###4", "C####4", "Cbb-0", "G#9",
                           "C4294967295", "C4294967297"}) {
    BOOST_CHECK_THROW(parse_pitch(name), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(events_are_pitches_and_quarter_notes) {
  const std::vector<Event> events = parse_events("C4:1 E4:1/2  rest:3/2\n");
  const std::vector<Event> expected = {
      {60, ticks_of_quarter}, {64, ticks_of_quarter / 2}, {rest, ticks_of_quarter * 3 / 2}};
  BOOST_TEST((events == expected));
  const std::vector<Event> others = {
      {60, 64 * ticks_of_quarter}, {60, ticks_of_quarter / 2}, {60, ticks_of_quarter / 32}};
  BOOST_TEST((parse_events("\tC4:64\tC4:64/128\nC4:1/32") == others));
  BOOST_TEST(duration_name(events[2].duration) == "3/2");
  BOOST_TEST(duration_name(events[0].duration) == "1");
}

BOOST_AUTO_TEST_CASE(what_is_no_event_is_refused) {
  for (const char* text : {"", "  ", "C4", "C4:", "C4:0", "C4:1/0", "C4:x", "C4:65", "C4:1/129", "C4:1/140", "C4:1/11",
                           "C4:1:1", ":1", "C4:-1", "C4:99999999999"}) {
    BOOST_CHECK_THROW(parse_events(text), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_said) {
  const auto problem = [](const char* text) {
    try {
      parse_events(text);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  BOOST_TEST(problem("C4") == "expected a pitch and a duration, such as C4:1, got \"C4\"");
  BOOST_TEST(problem(" ") == "expected at least one event, such as C4:1, got none");
  BOOST_TEST(problem("H4:1") == "expected a pitch such as C4, F#5, Bb3 or rest, got \"H4\"");
  BOOST_TEST(problem("C4:0") == "expected a duration in quarter notes from 1/32 to 64, such as 1 or 3/2, got \"0\"");
}

BOOST_AUTO_TEST_CASE(a_melody_moves_with_its_key_and_chords) {
  const Melody melody{"",
                      {3, 4},
                      {2, false},
                      120,
                      {{62, 10}, {rest, 5}, {64, 5}},
                      {{0, 2, Chord::Kind::major}, {5, 11, Chord::Kind::minor}}};
  const Melody c = transposed(melody, semitones_to_c(melody.key));
  BOOST_TEST(c.events[0].pitch == 60);
  BOOST_TEST(c.events[1].pitch == rest);
  BOOST_TEST(c.events[2].pitch == 62);
  BOOST_TEST(c.key.sharps == 0);
  BOOST_TEST(chord_name(c.chords[0]) == "C");
  BOOST_TEST(chord_name(c.chords[1]) == "Am");
  BOOST_CHECK_THROW(transposed(melody, 64), std::invalid_argument);
  BOOST_CHECK_THROW(transposed(melody, -63), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_melody_may_move_to_the_ends_of_the_range) {
  const Melody lowest{"", {}, {}, 120, {{0, 10}}, {{0, 1}}};
  const Melody highest = transposed(lowest, 127);
  BOOST_TEST(highest.events[0].pitch == 127);
  BOOST_TEST(transposed(highest, -127).events[0].pitch == 0);
  BOOST_TEST(transposed(highest, -127).chords[0].root == 1);
  BOOST_CHECK_THROW(transposed(lowest, -1), std::invalid_argument);
  BOOST_CHECK_THROW(transposed(highest, 1), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_semitone_up_is_seven_sharps_more_or_five_flats) {
  for (int sharps = -7; sharps <= 7; ++sharps) {
    for (int semitones = -12; semitones <= 12; ++semitones) {
      const int after = transposed({"", {}, {sharps, false}, 120, {}, {}}, semitones).key.sharps;
      if (semitones == 0) {
        BOOST_TEST(after == sharps);
        continue;
      }
      BOOST_TEST((after >= -5 && after <= 6));
      BOOST_TEST((after - sharps - 7 * semitones) % 12 == 0);
    }
  }
}

BOOST_AUTO_TEST_CASE(chords_have_names_and_notes) {
  const auto name = [](Chord::Kind kind) { return chord_name({0, 9, kind}); };
  BOOST_TEST(name(Chord::Kind::major) == "A");
  BOOST_TEST(name(Chord::Kind::minor) == "Am");
  BOOST_TEST(name(Chord::Kind::seventh) == "A7");
  BOOST_TEST(name(Chord::Kind::minor_seventh) == "Am7");
  BOOST_TEST(name(Chord::Kind::diminished) == "Adim");
  BOOST_TEST((intervals_of(Chord::Kind::major) == std::vector{0, 4, 7}));
  BOOST_TEST((intervals_of(Chord::Kind::minor) == std::vector{0, 3, 7}));
  BOOST_TEST((intervals_of(Chord::Kind::seventh) == std::vector{0, 4, 7, 10}));
  BOOST_TEST((intervals_of(Chord::Kind::minor_seventh) == std::vector{0, 3, 7, 10}));
  BOOST_TEST((intervals_of(Chord::Kind::diminished) == std::vector{0, 3, 6}));
}

BOOST_AUTO_TEST_CASE(a_melody_is_as_long_as_its_events) {
  BOOST_TEST(length_of({"", {}, {}, 120, {{60, 10}, {rest, 5}, {62, 4'000'000'000}}, {}}) == 4'000'000'015u);
  BOOST_TEST((Meter{6, 8}).bar() == 3 * ticks_of_quarter);
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

BOOST_AUTO_TEST_CASE(what_is_longer_than_a_bar_goes_on_in_the_next) {
  std::vector<Event> events = {{60, 25}, {60, 3}, {60, 10}, {60, 1}};
  set_positions(events, 10, 34);
  for (const auto& [i, position] : {std::pair(0, 4), std::pair(1, 9), std::pair(2, 2), std::pair(3, 2)}) {
    BOOST_TEST(events[std::size_t(i)].position == Ticks(position));
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_said_is_nothing_special) {
  BOOST_TEST((Event{60, 1} == Event{60, 1, 0}));
  BOOST_TEST((Meter() == Meter{4, 4} && Key() == Key{0, false} && Chord() == Chord{0, 0, Chord::Kind::major}));
  BOOST_TEST(Melody().tempo == 120);
  std::vector<Event> events = {{60, 25}, {60, 3}};
  set_positions(events, 10);
  BOOST_TEST((events[0].position == 0 && events[1].position == 5));
}
