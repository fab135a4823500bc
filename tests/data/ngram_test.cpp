#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <vector>

import rnn.data.ngram;

using namespace rnn;

namespace {
using Words = std::vector<std::uint32_t>;
const std::vector<Words> sequences = {{1, 2, 1, 2, 3, 0}, {1, 2, 2, 0}, {2, 1, 0}};
constexpr std::size_t words = 6;  // 4 and 5 do not occur
}  // namespace

BOOST_AUTO_TEST_CASE(in_every_context_the_probabilities_add_up_to_1) {
  for (const std::size_t order : {1, 2, 3}) {
    for (const double discount : {0.3, 0.75, 1.0, 2.5}) {
      const NGram model(order, words, sequences, discount);
      std::vector<Words> contexts = {{}};
      for (std::uint32_t a = 0; a < words; ++a) {
        contexts.push_back({a});
        for (std::uint32_t b = 0; b < words; ++b) contexts.push_back({a, b});
      }
      for (const Words& context : contexts) {
        double sum = 0;
        for (std::uint32_t word = 0; word < words; ++word) {
          BOOST_TEST(model.probability(context, word) > 0);
          sum += model.probability(context, word);
        }
        BOOST_TEST(std::abs(sum - 1) < 1e-12);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_unigram_model_counts) {
  // 13 words: 0 three times, 1 four, 2 five, 3 once. The discount frees 4 · 0.5, which 6 words share.
  const NGram model(1, words, sequences, 0.5);
  BOOST_TEST(model.probability({}, 2) == (5 - 0.5 + 2.0 / 6) / 13, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(model.probability({}, 4) == 2.0 / 6 / 13, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(a_bigram_model_falls_back_on_how_many_words_came_before) {
  // After 1: 2 three times, 0 once. Words that came before 0: 3, 2, 1; before 1: beginning, 2; before 2: 1, 2,
  // beginning; before 3: 2. That makes 9 different pairs.
  const NGram model(2, words, sequences, 0.5);
  const auto lower = [](double count) { return ((count > 0 ? count - 0.5 : 0) + 4 * 0.5 / 6) / 9; };
  const Words after_1 = {1};
  BOOST_TEST(model.probability(after_1, 2) == (3 - 0.5 + 1.0 * lower(3)) / 4, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(model.probability(after_1, 3) == 1.0 * lower(1) / 4, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(model.probability(after_1, 5) == 1.0 * lower(0) / 4, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(model.probability(Words{4}, 2) == lower(3), boost::test_tools::tolerance(1e-12));  // nobody saw a 4
  // Two sequences begin with 1 and one with 2.
  BOOST_TEST(model.probability({}, 1) == (2 - 0.5 + 1.0 * lower(2)) / 3, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(a_discount_larger_than_a_count_takes_no_more_than_there_is) {
  // After 1: 2 three times, 0 once, of which a discount of 2 frees 2 + 1.
  const NGram model(2, words, sequences, 2);
  const Words after_1 = {1};
  const double of_2 = (3 - 2 + (2 + 2 + 2 + 1) / 6.0) / 9;  // pairs before 0, 1, 2 and 3: 3, 2, 3 and 1
  BOOST_TEST(model.probability(after_1, 2) == (1 + 3 * of_2) / 4, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(bits_are_counted_over_the_whole_sequence) {
  const NGram model(3, words, sequences, 0.75);
  const Words one = {1, 2, 3};
  double bits = 0;
  bits -= std::log2(model.probability({}, 1));
  bits -= std::log2(model.probability(Words{1}, 2));
  bits -= std::log2(model.probability(Words{1, 2}, 3));
  BOOST_TEST(model.bits(one) == bits, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(only_the_last_words_count) {
  const NGram model(3, words, sequences, 0.75);
  BOOST_TEST(model.probability(Words{5, 4, 1, 2}, 3) == model.probability(Words{1, 2}, 3));
}

BOOST_AUTO_TEST_CASE(the_chosen_discount_is_the_best_of_those_tried) {
  NGram model(3, words, sequences, 0.75);
  const std::vector<Words> held_out = {{1, 2, 1, 0}, {2, 2, 3, 0}};
  model.choose_discount(held_out);
  const auto bits = [&](const NGram& one) { return one.bits(held_out[0]) + one.bits(held_out[1]); };
  for (const double discount : {0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0}) {
    BOOST_TEST(bits(model) <= bits(NGram(3, words, sequences, discount)) + 1e-12);
  }
  // Of those that are equally good, the smallest.
  model.choose_discount(std::vector<Words>{});
  BOOST_TEST(bits(model) == bits(NGram(3, words, sequences, 0.25)));
}

BOOST_AUTO_TEST_CASE(the_best_discount_is_found_whatever_those_before_it_are_like) {
  boost::random::mt19937 engine(1);
  const auto random_sequences = [&](int count) {
    std::vector<Words> result;
    for (int k = 0; k < count; ++k) {
      result.emplace_back();
      for (int i = 0; i < 6; ++i) result.back().push_back(engine() % 3 == 0 ? engine() % 4 : 0);
    }
    return result;
  };
  for (int turn = 0; turn < 200; ++turn) {
    const std::vector<Words> seen = random_sequences(4), held_out = random_sequences(2);
    NGram model(2, words, seen, 0.75);
    model.choose_discount(held_out);
    for (const double discount : {0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0}) {
      const NGram other(2, words, seen, discount);
      BOOST_TEST_REQUIRE(model.bits(held_out[0]) + model.bits(held_out[1]) <=
                         other.bits(held_out[0]) + other.bits(held_out[1]) + 1e-12);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_beginning_is_a_context_of_its_own) {
  // Two of three sequences begin with 1, and go on with 2: a discount of 0.5 leaves at least 1.5 of 2.
  const NGram model(3, words, sequences, 0.5);
  BOOST_TEST(model.probability(Words{1}, 2) >= 0.75);
  BOOST_TEST(model.probability(Words{4, 1}, 2) < 0.75);
  constexpr std::uint32_t largest = (std::uint32_t(1) << 31) - 2;
  const std::vector<Words> one = {{largest, 5}};
  const NGram of_one(2, words, one, 0.5);
  BOOST_TEST(of_one.probability({}, 5) < of_one.probability(Words{largest}, 5));
}

BOOST_AUTO_TEST_CASE(other_orders_and_discounts_are_refused) {
  BOOST_CHECK_THROW(NGram(0, words, sequences, 0.5), std::invalid_argument);
  BOOST_CHECK_THROW(NGram(4, words, sequences, 0.5), std::invalid_argument);
  BOOST_CHECK_THROW(NGram(2, words, sequences, 0), std::invalid_argument);
}
