#include <sys/resource.h>

#include <boost/test/unit_test.hpp>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

import rnn.formats.wav;

using namespace rnn;

// The format as Microsoft and IBM describe it, Multimedia Programming Interface and Data Specifications 1.0 (1991).
BOOST_AUTO_TEST_CASE(a_file_is_its_header_and_16_bits_for_each_sample) {
  const std::vector<float> samples = {0, 0.5f, 1, -1, 1.5f, -7};
  const std::string expected(
      "RIFF\x30\0\0\0WAVE"                              // 48 bytes follow
      "fmt \x10\0\0\0\1\0\1\0\x22\x56\0\0\x44\xac\0\0"  // one channel, 22050 samples, 44100 bytes a second
      "\2\0\x10\0data\x0c\0\0\0"                        // 2 bytes or 16 bits each, 12 bytes in all
      "\0\0\0\x40\xff\x7f\1\x80\xff\x7f\1\x80",         // 0, 16384, 32767, -32767, and what is beyond
      56);
  BOOST_TEST(format_wav(samples, 22050) == expected);
}

BOOST_AUTO_TEST_CASE(every_byte_of_a_number_is_written) {
  BOOST_TEST(format_wav(std::vector<float>(0x010203), 1).substr(40, 4) == std::string("\6\4\2\0", 4));
  BOOST_TEST(format_wav({}, 0x01020304).substr(24, 8) == std::string("\4\3\2\1\x08\6\4\2"));
}

BOOST_AUTO_TEST_CASE(more_samples_than_a_file_can_hold_are_refused) {
  const float first = 0;  // the only one there is: none is read
  const std::size_t most = (0xffffffffu - 36) / 2;
  BOOST_CHECK_THROW(format_wav(std::span(&first, most + 1), 1), std::invalid_argument);
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)  // which have memory of their own
  // For as many as it can hold memory is asked for, of which there is too little here.
  rlimit before;
  ::getrlimit(RLIMIT_AS, &before);
  const rlimit little{std::size_t(1) << 30, before.rlim_max};
  ::setrlimit(RLIMIT_AS, &little);
  BOOST_CHECK_THROW(format_wav(std::span(&first, most), 1), std::bad_alloc);
  ::setrlimit(RLIMIT_AS, &before);
#endif
}
