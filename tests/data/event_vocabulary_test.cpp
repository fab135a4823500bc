#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

import rnn.data.composer;
import rnn.data.event_vocabulary;
import rnn.data.melody;

using namespace rnn;
using boost::test_tools::per_element;

namespace {
std::vector<Melody> some() {
  std::vector<Melody> melodies;
  for (const Composition& one : compose_many(1, 0, 20)) melodies.push_back(one.melody);
  return melodies;
}
}  // namespace

BOOST_AUTO_TEST_CASE(what_was_encoded_can_be_read_again) {
  const std::vector<Melody> melodies = some();
  const EventVocabulary vocabulary(melodies);
  for (const Melody& melody : melodies) {
    const EncodedMelody encoded = vocabulary.encode(melody);
    BOOST_TEST_REQUIRE(encoded.size() == melody.events.size() + 1);
    for (std::size_t i = 0; i < melody.events.size(); ++i) {
      BOOST_TEST(vocabulary.pitch(encoded.pitch[i]) == melody.events[i].pitch);
      BOOST_TEST(vocabulary.duration(encoded.duration[i]) == melody.events[i].duration);
      BOOST_TEST(encoded.place[i] == vocabulary.number_of_place({melody.meter, melody.events[i].position}));
      BOOST_TEST(encoded.place[i] > 0u);
      BOOST_TEST(vocabulary.event(encoded.pitch[i], encoded.duration[i]) < vocabulary.events());
    }
    BOOST_TEST(encoded.pitch.back() == EventVocabulary::end_of_tune);
    BOOST_TEST(encoded.duration.back() == 0u);
    BOOST_TEST(encoded.place.back() == vocabulary.number_of_place({melody.meter, 0}));
  }
}

BOOST_AUTO_TEST_CASE(what_occurs_is_numbered_from_the_lowest_on) {
  const Melody in_three{"", {3, 4}, {}, 120, {{64, 30, 0}, {rest, 10, 30}, {60, 10, 40}}, {}};
  const Melody in_two{"", {2, 4}, {}, 120, {{60, 20, 0}, {64, 10, 20}}, {}};
  const EventVocabulary vocabulary(std::vector{in_three, in_two});
  BOOST_TEST(vocabulary.text() == "-1 60 64;10 20 30;2/4+0 2/4+20 3/4+0 3/4+30 3/4+40");
  BOOST_TEST(EventVocabulary::end_of_tune == 0u);  // which is no pitch's number
  const EncodedMelody encoded = vocabulary.encode(in_three);
  using Numbers = std::vector<std::uint32_t>;
  BOOST_TEST(encoded.pitch == (Numbers{3, 1, 2, EventVocabulary::end_of_tune}), per_element());
  BOOST_TEST(encoded.duration == (Numbers{3, 1, 1, 0}), per_element());
  BOOST_TEST(encoded.place == (Numbers{3, 4, 5, 0}), per_element());  // the end would be at 50, where nothing began
  BOOST_TEST(vocabulary.number_of_pitch(61) == 0u);
  BOOST_TEST(vocabulary.number_of_pitch(65) == 0u);
  BOOST_TEST(vocabulary.number_of_duration(31) == 0u);
  BOOST_TEST(vocabulary.number_of_place({{4, 4}, 0}) == 0u);
}

BOOST_AUTO_TEST_CASE(a_tune_ends_where_its_last_event_does) {
  const Ticks bar = Meter{4, 4}.bar();
  for (const auto& [begin, duration, end] : {std::tuple<Ticks, Ticks, Ticks>{0, 10, 10},
                                             {30, bar - 20, 10},
                                             {30, 2 * bar + 5, 35},
                                             {bar - 1, 3 * bar + 1, 0}}) {
    const Melody melody{"", {}, {}, 120, {{60, duration, begin}}, {}};
    const Melody places{"", {}, {}, 120, {{60, 1, 0}, {60, 1, 10}, {60, 1, 35}}, {}};
    const EventVocabulary vocabulary(std::vector{melody, places});
    BOOST_TEST(vocabulary.encode(melody).place.back() == vocabulary.number_of_place({{}, end}));
    BOOST_TEST(vocabulary.encode(melody).place.back() > 0u);
  }
}

BOOST_AUTO_TEST_CASE(a_tune_without_events_ends_at_its_beginning) {
  const EventVocabulary vocabulary(std::string("60;10080;4/4+0 4/4+1"));
  const EncodedMelody encoded = vocabulary.encode({"", {}, {}, 120, {}, {}});
  BOOST_TEST((encoded.size() == 1 && encoded.place[0] == 1));
}

BOOST_AUTO_TEST_CASE(a_new_pitch_and_a_new_duration_are_refused_by_name) {
  const EventVocabulary vocabulary(std::string("60;10080;4/4+0"));
  const auto problem = [&](const Event& event) {
    const Melody melody{"", {}, {}, 120, {{60, 10080, 0}, event}, {}};
    BOOST_TEST(!vocabulary.knows(melody));
    try {
      vocabulary.encode(melody);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  const std::string expected = "expected only pitches and durations that the network knows, found ";
  BOOST_TEST(problem({61, 10080}) == expected + "C#4:1");
  BOOST_TEST(problem({60, 5040}) == expected + "C4:1/2");
  BOOST_TEST(vocabulary.knows({"", {}, {}, 120, {{60, 10080, 7}}, {}}));
}

BOOST_AUTO_TEST_CASE(as_text_it_stays_the_same) {
  const EventVocabulary vocabulary(some());
  BOOST_TEST((EventVocabulary(vocabulary.text()) == vocabulary));
}

BOOST_AUTO_TEST_CASE(vocabularies_are_the_same_when_all_three_parts_are) {
  const auto vocabulary = [](const char* text) { return EventVocabulary(std::string(text)); };
  const EventVocabulary one = vocabulary("60 62;1 2 3;4/4+0");
  BOOST_TEST((one == vocabulary("60 62;1 2 3;4/4+0")));
  BOOST_TEST((one != vocabulary("60 63;1 2 3;4/4+0") && one != vocabulary("60 62;1 2;4/4+0") &&
              one != vocabulary("60 62;1 2 3;4/4+1")));
  // Beside what occurs there are the end, and the length and the place that nothing has.
  BOOST_TEST((one.pitches() == 3 && one.durations() == 4 && one.places() == 2));
  BOOST_TEST((one.events() == 12 && one.possible_events() == 7));
  BOOST_TEST((one.event(0, 0) == 0 && one.event(1, 3) == 7 && one.event(2, 3) == 11));
  BOOST_TEST((one.pitch(2) == 62 && one.duration(3) == 3));
}

BOOST_AUTO_TEST_CASE(text_that_is_no_vocabulary_is_refused) {
  for (const char* text : {"",
                           ";;",
                           ";10080;",
                           "60;10080;/4+0",
                           "60;;",
                           "60;10080;x",
                           "60 60;10080;",
                           "60;0;",
                           "-2;10080;",
                           "128;10080;",
                           "60;2 1;",
                           "60;10080",
                           "60;10080;;",
                           "60;10080;4/4+0 4/4+0",
                           "60;10080;4-4+0",
                           "60;10080;4/4-0",
                           "60x;10080;",
                           "60;10080x;",
                           "60;10080;4/4+0 ",
                           "60,10080;",
                           "60;10080,",
                           "60;10080;4/4+0x",
                           "60;10080 10080;",
                           "61 60;10080;",
                           "60;10080;4/4+1 4/4+0",
                           "60;10080;3/4+0 2/4+0",
                           "60;10080;2/4+0 2/2+0"}) {
    BOOST_CHECK_THROW(EventVocabulary{std::string(text)}, std::invalid_argument);
  }
  std::string long_one = "60;1";
  for (int duration = 2; duration < 200'000; ++duration) long_one += ' ' + std::to_string(duration);
  BOOST_CHECK_THROW(EventVocabulary{long_one + ';'}, std::invalid_argument);
  BOOST_TEST(EventVocabulary(std::string("-1 127;1;")).text() == "-1 127;1;");
  BOOST_TEST(EventVocabulary(std::string("-1 60;10080;4/4+0 4/4+10080")).places() == 3u);
}

BOOST_AUTO_TEST_CASE(a_text_has_less_than_a_million_letters) {
  std::string durations = "100000";
  for (int duration = 100001; duration < 242855; ++duration) durations += ' ' + std::to_string(duration);
  durations += " 1000000000;";
  const std::string longest = "60;" + durations, longer = "100;" + durations;
  BOOST_TEST_REQUIRE(longest.size() == 999'999u);
  BOOST_TEST(EventVocabulary(longest).number_of_duration(1000000000) == 142856u);
  BOOST_CHECK_THROW(EventVocabulary{longer}, std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(what_is_new_is_refused_but_for_places) {
  const EventVocabulary vocabulary(some());
  Melody melody = some()[0];
  melody.events[0].position = 1;
  BOOST_TEST(vocabulary.encode(melody).place[0] == 0u);
  melody.events[0].pitch = 127;
  BOOST_TEST(!vocabulary.knows(melody));
  BOOST_CHECK_THROW(vocabulary.encode(melody), std::invalid_argument);
}
