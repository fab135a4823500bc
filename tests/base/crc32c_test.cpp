#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

import rnn.base.crc32c;

using namespace rnn;

static std::uint32_t sum_of(std::string_view bytes) {
  Crc32c sum;
  sum.add(bytes);
  return sum.value();
}

BOOST_AUTO_TEST_CASE(the_sums_are_the_published_ones) {
  BOOST_TEST(sum_of("") == 0u);
  BOOST_TEST(sum_of("123456789") == 0xe3069283u);  // the check value in catalogs of such sums
  BOOST_TEST(sum_of(std::string(32, '\0')) == 0x8a9136aau);
  BOOST_TEST(sum_of(std::string(32, '\xff')) == 0x62a8ab43u);
}

BOOST_AUTO_TEST_CASE(pieces_have_the_sum_of_the_whole) {
  const std::string text = "The bytes come in pieces.";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Crc32c sum;
    sum.add(text.substr(0, cut));
    BOOST_TEST((sum.value() == sum_of(text)) == (cut == text.size()));
    sum.add(text.substr(cut));
    BOOST_TEST(sum.value() == sum_of(text), "cut at " << cut);
  }
}
