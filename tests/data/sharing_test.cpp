#include <boost/test/unit_test.hpp>
#include <vector>

import rnn.data.event_vocabulary;
import rnn.data.images;
import rnn.data.melody;
import rnn.data.sharing;

using namespace rnn;

// Tests of chapters start several processes. A process alone takes its data apart and puts them together all the same.

BOOST_AUTO_TEST_CASE(melodies_that_are_shared_stay_as_they_are) {
  const std::vector<Melody> all = {
      {"One", {3, 4}, {2, false}, 90, {{62, 10, 0}, {rest, 5, 10}}, {{0, 2, Chord::Kind::major}, {5, 11}}},
      {"", {6, 8}, {-1, true}, 120, {}, {}},
      {"Another", {4, 4}, {}, 60.5, {{70, 7, 3}}, {{1, 4, Chord::Kind::diminished}}}};
  std::vector<Melody> shared = all;
  share(shared);
  BOOST_TEST_REQUIRE(shared.size() == all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    BOOST_TEST(shared[i].title == all[i].title);
    BOOST_TEST((shared[i].meter == all[i].meter && shared[i].key == all[i].key && shared[i].tempo == all[i].tempo));
    BOOST_TEST((shared[i].events == all[i].events && shared[i].chords == all[i].chords));
  }
}

BOOST_AUTO_TEST_CASE(a_vocabulary_that_is_shared_stays_as_it_is) {
  const std::vector<Melody> all = {{"One", {3, 4}, {}, 90, {{62, 10, 0}, {rest, 5, 10}}, {}}};
  const EventVocabulary vocabulary(all);
  EventVocabulary shared = vocabulary;
  share(shared);
  BOOST_TEST((shared == vocabulary));
}

BOOST_AUTO_TEST_CASE(images_that_are_shared_stay_as_they_are) {
  Splits data;
  data.train = {{2, 1, 3, {1, 2, 3, 4, 5, 6}}, {7, 8}};
  data.test = {{1, 1, 3, {9, 9, 9}}, {1}};
  data.source = "somewhere";
  share(data);
  BOOST_TEST(data.train.images.pixels[5] == 6);
  BOOST_TEST(data.train.images.columns == 3u);
  BOOST_TEST(data.train.labels[1] == 8);
  BOOST_TEST(data.test.size() == 1u);
  BOOST_TEST(data.source == "somewhere");
}
