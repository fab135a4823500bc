#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "../support/ranks.hpp"

import rnn.base.ranks;
import rnn.data.event_vocabulary;
import rnn.data.images;
import rnn.data.melody;
import rnn.data.sharing;

using namespace rnn;

namespace {

const std::vector<Melody> melodies = {
    {"One", {3, 4}, {2, false}, 90, {{62, 10, 0}, {rest, 5, 10}}, {{0, 2, Chord::Kind::major}, {5, 11}}},
    {"", {6, 8}, {-1, true}, 120, {}, {}},
    {"Another", {4, 4}, {}, 60.5, {{70, 7, 3}}, {{1, 4, Chord::Kind::diminished}}}};

void check_same(const std::vector<Melody>& shared) {
  BOOST_TEST_REQUIRE(shared.size() == melodies.size());
  for (std::size_t i = 0; i < melodies.size(); ++i) {
    const Melody &one = shared[i], &other = melodies[i];
    BOOST_TEST(one.title == other.title);
    BOOST_TEST((one.meter == other.meter && one.key == other.key && one.tempo == other.tempo));
    BOOST_TEST((one.events == other.events && one.chords == other.chords));
  }
}

void check_same(const Dataset& shared, const Dataset& data) {
  const Images &one = shared.images, &other = data.images;
  BOOST_TEST((one.count == other.count && one.rows == other.rows && one.columns == other.columns));
  BOOST_TEST(one.pixels == other.pixels);
  BOOST_TEST(shared.labels == data.labels);
}

}  // namespace

// A process alone takes its data apart and puts them together all the same.

BOOST_AUTO_TEST_CASE(melodies_that_are_shared_stay_as_they_are) {
  std::vector<Melody> shared = melodies;
  share(shared);
  check_same(shared);
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

BOOST_AUTO_TEST_CASE(one_of_two_that_share, *boost::unit_test::disabled()) {
  Launch launch;
  launch.work_together(true);
  BOOST_TEST_REQUIRE(ranks().count() == 2);
  const bool first = is_first_rank();

  Splits data;
  data.train = {{2, 1, 3, {1, 2, 3, 4, 5, 6}}, {7, 8}};
  data.validation = {{1, 2, 2, {10, 11, 12, 13}}, {5}};
  data.test = {{1, 1, 3, {9, 8, 7}}, {1}};
  data.source = "somewhere";
  Splits of_all = first ? data : Splits();
  share(of_all);
  check_same(of_all.train, data.train);
  check_same(of_all.validation, data.validation);
  check_same(of_all.test, data.test);
  BOOST_TEST(of_all.source == data.source);

  std::vector<Melody> melodies_of_all = first ? melodies : std::vector<Melody>();
  share(melodies_of_all);
  check_same(melodies_of_all);

  const EventVocabulary vocabulary(melodies);
  EventVocabulary vocabulary_of_all = first ? vocabulary : EventVocabulary();
  share(vocabulary_of_all);
  BOOST_TEST((vocabulary_of_all == vocabulary));

  launch.finish();
}

BOOST_AUTO_TEST_CASE(what_the_first_rank_shares_the_other_one_has_too) {
  if (!testing::has_ranks()) return;
  const testing::Result result = testing::run_ranks(2, "one_of_two_that_share");
  BOOST_TEST(result.status == 0, result.out << result.err);
}
