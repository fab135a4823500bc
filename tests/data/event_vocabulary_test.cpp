#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <string>
#include <vector>

import rnn.data.composer;
import rnn.data.event_vocabulary;
import rnn.data.melody;

using namespace rnn;

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

BOOST_AUTO_TEST_CASE(as_text_it_stays_the_same) {
  const EventVocabulary vocabulary(some());
  BOOST_TEST((EventVocabulary(vocabulary.text()) == vocabulary));
}

BOOST_AUTO_TEST_CASE(text_that_is_no_vocabulary_is_refused) {
  for (const char* text :
       {"", ";;", "60;;", "60;10080;x", "60 60;10080;", "60;0;", "-2;10080;", "128;10080;", "60;2 1;", "60;10080",
        "60;10080;;", "60;10080;4/4+0 4/4+0", "60;10080;4-4+0", "60x;10080;"}) {
    BOOST_CHECK_THROW(EventVocabulary{std::string(text)}, std::invalid_argument);
  }
  BOOST_TEST(EventVocabulary(std::string("-1 60;10080;4/4+0 4/4+10080")).places() == 3u);
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
