#include <boost/random/mersenne_twister.hpp>
#include <boost/random/taus88.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <set>

import rnn.base.random;

using namespace rnn;

BOOST_AUTO_TEST_CASE(each_combination_of_numbers_has_a_seed_of_its_own) {
  std::set<std::uint64_t> seeds;
  std::set<std::uint32_t> first_numbers;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
      for (std::uint64_t batch = 0; batch < 20; ++batch) {
        const std::uint64_t combined = combine_seeds({seed, epoch, batch});
        seeds.insert(combined);
        first_numbers.insert(seeded(combined)());
      }
    }
  }
  BOOST_TEST(seeds.size() == 8000u);
  BOOST_TEST(first_numbers.size() >= 7990u);  // 32 bits: two of 8000 may meet
}

BOOST_AUTO_TEST_CASE(the_order_and_the_number_of_the_parts_count) {
  BOOST_TEST(combine_seeds({1, 2}) != combine_seeds({2, 1}));
  BOOST_TEST(combine_seeds({0}) != combine_seeds({0, 0}));
  BOOST_TEST(combine_seeds({}) == 0u);
}

BOOST_AUTO_TEST_CASE(a_combination_is_known_when_the_program_is_compiled_and_never_changes) {
  constexpr std::uint64_t combined = combine_seeds({1, 2, 3});
  BOOST_TEST(combined == 0x6ae515c1c0ac7e37u);
}

BOOST_AUTO_TEST_CASE(any_engine_starts_from_all_64_bits_of_a_seed) {
  BOOST_TEST(seeded(7)() == seeded(7)());
  BOOST_TEST(seeded(7)() != seeded(7 + (std::uint64_t(1) << 32))());
  BOOST_TEST(seeded<boost::random::taus88>(7)() != seeded<boost::random::taus88>(8)());
}
