#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <limits>
#include <string>

import rnn.formats.tensorboard;
import rnn.linalg.matrix;

using namespace rnn;

// How a whole run's event file is read by others is the test event_files.

BOOST_AUTO_TEST_CASE(a_checksum_is_rotated_and_shifted) {
  // CRC-32C of "123456789" is 0xe3069283, in every list of checksums.
  const std::uint32_t crc = 0xe3069283;
  BOOST_TEST(masked_crc32c("123456789") == ((crc >> 15) | (crc << 17)) + 0xa282ead8);
}

BOOST_AUTO_TEST_CASE(a_record_is_its_data_with_length_and_two_checksums) {
  const std::string record = format_record("abc");
  BOOST_TEST(record.size() == 8 + 4 + 3 + 4);
  BOOST_TEST(record.substr(0, 8) == std::string("\3\0\0\0\0\0\0\0", 8));
  BOOST_TEST(record.substr(12, 3) == "abc");
}

BOOST_AUTO_TEST_CASE(a_scalar_is_the_bytes_of_its_message) {
  // wall_time, step 300, summary { value { tag, simple_value } }
  const std::string expected(
      "\x09\0\0\0\0\0\0\xf0\x3f"
      "\x10\xac\x02"
      "\x2a\x0a"
      "\x0a\x08"
      "\x0a\x01"
      "a"
      "\x15\0\0\0\x40",
      24);
  BOOST_TEST(scalar_event("a", 300, 2, 1) == expected);
}

BOOST_AUTO_TEST_CASE(a_histogram_passes_over_what_is_not_finite) {
  Matrix numbers(1, 3, Real(2)), two(1, 2, Real(2));
  numbers(0, 1) = std::numeric_limits<Real>::quiet_NaN();
  BOOST_TEST(histogram_event("a", 0, numbers, 0) == histogram_event("a", 0, two, 0));
}
