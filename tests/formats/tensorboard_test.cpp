#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

import rnn.formats.tensorboard;
import rnn.linalg.matrix;

using namespace rnn;

namespace {

double number_at(const std::string& bytes, std::size_t at) {
  double number;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

/// What an event with a histogram says: its numbers, then limits and counts, each 30 doubles behind 3 bytes.
struct Histogram {
  double least, most, count, sum, squares;
  std::vector<double> limits, counts;

  explicit Histogram(ConstView numbers) {
    const std::string event = histogram_event("a", 0, numbers, 0);
    const std::size_t packed = 3 + 30 * 8, begin = event.size() - 2 * packed - 5 * 9;
    double* const singles[] = {&least, &most, &count, &sum, &squares};
    for (std::size_t i = 0; i < 5; ++i) {
      BOOST_TEST_REQUIRE(event[begin + 9 * i] == char(8 * (i + 1) + 1));
      *singles[i] = number_at(event, begin + 9 * i + 1);
    }
    for (std::size_t field : {6, 7}) {
      const std::size_t at = begin + 45 + (field - 6) * packed;
      const std::string key{char(8 * field + 2), char(0xf0), 1};
      BOOST_TEST_REQUIRE(event.substr(at, 3) == key);
      for (std::size_t i = 0; i < 30; ++i) (field == 6 ? limits : counts).push_back(number_at(event, at + 3 + 8 * i));
    }
  }
};

}  // namespace

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

BOOST_AUTO_TEST_CASE(a_whole_number_has_seven_bits_in_each_byte) {
  const auto step = [](Index number) {
    const std::string event = session_start_event(number, 0);
    return event.substr(10, event.size() - 14);  // between the time with its key, and the start of the session
  };
  BOOST_TEST(step(127) == "\x7f");
  BOOST_TEST(step(128) == "\x80\x01");
  BOOST_TEST(step(16383) == "\xff\x7f");
  BOOST_TEST(step(16384) == "\x80\x80\x01");
}

BOOST_AUTO_TEST_CASE(a_histogram_passes_over_what_is_not_finite) {
  Matrix numbers(1, 3, Real(2)), two(1, 2, Real(2));
  numbers(0, 1) = std::numeric_limits<Real>::quiet_NaN();
  BOOST_TEST(histogram_event("a", 0, numbers, 0) == histogram_event("a", 0, two, 0));
}

BOOST_AUTO_TEST_CASE(a_histogram_has_extremes_sums_and_the_count_of_each_bin) {
  Matrix numbers(2, 2);
  numbers(0, 0) = -1, numbers(0, 1) = 2, numbers(1, 0) = Real(0.5), numbers(1, 1) = Real(1.5);
  const Histogram histogram(numbers);
  BOOST_TEST(histogram.least == -1.0);
  BOOST_TEST(histogram.most == 2.0);
  BOOST_TEST(histogram.count == 4.0);
  BOOST_TEST(histogram.sum == 3.0);
  BOOST_TEST(histogram.squares == 1.0 + 4.0 + 0.25 + 2.25);
  for (int i = 0; i < 30; ++i) BOOST_TEST(std::abs(histogram.limits[i] - (-1 + 0.1 * (i + 1))) < 1e-12);
  BOOST_TEST(std::accumulate(histogram.counts.begin(), histogram.counts.end(), 0.0) == 4.0);
  BOOST_TEST(histogram.counts.front() == 1.0);
  BOOST_TEST(histogram.counts.back() == 1.0);
}

BOOST_AUTO_TEST_CASE(the_last_limit_is_the_largest_number_to_the_last_bit) {
  int rounded_otherwise = 0;
  for (int i = 1; i <= 200; ++i) {
    Matrix numbers(1, 2);
    numbers(0, 0) = Real(std::sin(i)), numbers(0, 1) = Real(std::sin(i) + 0.1 * i);
    const Histogram histogram(numbers);
    BOOST_TEST(histogram.limits.back() == double(numbers(0, 1)));
    rounded_otherwise += histogram.least + (histogram.most - histogram.least) / 30 * 30 != histogram.most;
    BOOST_TEST(std::ranges::is_sorted(histogram.limits));
  }
  BOOST_TEST(rounded_otherwise > 0);  // the limit is not just that of the last bin's sum
}
