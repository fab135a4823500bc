#include <sys/resource.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <new>
#include <random>
#include <span>
#include <sstream>
#include <stdexcept>
#include <streambuf>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "../support/packed.hpp"
#include "../support/processes.hpp"

import rnn.base.error;
import rnn.formats.gzip;

using namespace rnn;
using rnn::testing::packed;

namespace {

/// All that can be unpacked, and what FileError said, if it did.
struct Outcome {
  std::string bytes;
  std::string error;
};

Outcome unpack(std::istream& in, std::size_t piece) {
  Outcome outcome;
  const std::filesystem::path name = "F";
  try {
    Unpacker unpacker(in, name);
    std::vector<std::uint8_t> buffer(piece);
    while (const std::size_t got = unpacker.read(buffer)) {
      outcome.bytes.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got));
    }
  } catch (const FileError& error) {
    outcome.error = error.what();
  }
  return outcome;
}

Outcome unpack(const std::string& bytes, std::size_t piece = 1 << 16) {
  std::istringstream in(bytes);
  return unpack(in, piece);
}

/// Bytes that hardly shrink: more of them than any buffer has room for.
std::string noise(std::size_t size) {
  std::minstd_rand engine(1);
  std::string bytes;
  while (bytes.size() < size) bytes += static_cast<char>(engine() >> 8);
  return bytes;
}

std::string place(std::size_t byte) { return "F: byte " + std::to_string(byte) + " (packed): expected "; }

const std::string text = "Four score and seven years ago our fathers brought forth";

}  // namespace

BOOST_AUTO_TEST_CASE(packed_bytes_are_unpacked_and_others_are_left_alone) {
  for (const std::size_t piece : {1, 7, 1 << 16}) {
    BOOST_TEST(unpack(packed(text), piece).bytes == text);
    BOOST_TEST(unpack(text, piece).bytes == text);
    BOOST_TEST(unpack(packed(""), piece).bytes == "");
    BOOST_TEST(unpack(packed(""), piece).error == "");
    BOOST_TEST(unpack("", piece).error == "");
  }
  const std::string large = noise(300'000);
  BOOST_TEST((unpack(packed(large)).bytes == large));
  BOOST_TEST(unpack(packed(large)).error == "");
}

BOOST_AUTO_TEST_CASE(parts_follow_one_another) {
  BOOST_TEST(unpack(packed("one, ") + packed("") + packed("two")).bytes == "one, two");
  const std::string large = noise(100'000);
  BOOST_TEST((unpack(packed(large) + packed(text)).bytes == large + text));
}

BOOST_AUTO_TEST_CASE(a_part_may_end_where_the_buffer_ends) {
  std::string part = packed(text);
  part[3] = 8;  // a file's name follows the header
  part.insert(10, std::string((1 << 16) - part.size() - 1, 'x') + '\0');
  BOOST_TEST_REQUIRE(part.size() == 1u << 16);
  BOOST_TEST(unpack(part).bytes == text);
  BOOST_TEST(unpack(part).error == "");
  BOOST_TEST(unpack(part + packed("two")).bytes == text + "two");
  BOOST_TEST(unpack(part + std::string(3, '\0')).error == "");
  BOOST_TEST(unpack(part + "x").error == place(1 << 16) + "the end after the gzip data, or zeros, found 0x78");
}

BOOST_AUTO_TEST_CASE(zeros_may_follow_and_nothing_else) {
  for (const std::size_t zeros : {1, 2, 511, 200'000}) {
    const Outcome outcome = unpack(packed(text) + std::string(zeros, '\0'));
    BOOST_TEST(outcome.bytes == text, zeros);
    BOOST_TEST(outcome.error == "", zeros);
  }
  const std::size_t end = packed(text).size();
  const std::string expected = "the end after the gzip data, or zeros, found ";
  BOOST_TEST(unpack(packed(text) + "x").error == place(end) + expected + "0x78");
  BOOST_TEST(unpack(packed(text) + "\n").error == place(end) + expected + "0x0a");
  BOOST_TEST(unpack(packed(text) + std::string(9, '\0') + "x").error == place(end + 9) + expected + "0x78");
  BOOST_TEST(unpack(packed(text) + std::string(9, '\0') + packed(text)).error == place(end + 9) + expected + "0x1f");
  BOOST_TEST(unpack(packed(text) + "\x1fx").error ==
             place(end) + "gzip data (1f 8b 08), found something else (incorrect header check)");
}

BOOST_AUTO_TEST_CASE(what_is_not_gzip_is_named_as_such) {
  const std::string expected = place(0) + "gzip data (1f 8b 08), found something else ";
  BOOST_TEST(unpack("\x1f\x9d\x90 as compress begins").error == expected + "(incorrect header check)");
  std::string other_method = packed(text), other_flags = other_method;
  other_method[2] = 7;
  other_flags[3] = '\xe0';
  BOOST_TEST(unpack(other_method).error == expected + "(unknown compression method)");
  BOOST_TEST(unpack(other_flags).error == expected + "(unknown header flags set)");
}

BOOST_AUTO_TEST_CASE(every_cut_is_named_with_the_place_where_the_bytes_end) {
  const std::string whole = packed(text);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    BOOST_TEST(unpack(whole.substr(0, size)).error ==
               place(size) + "more gzip data, found the end of the file: it is cut off");
  }
  const std::string large = packed(noise(300'000));
  BOOST_TEST(unpack(large.substr(0, 200'000)).error ==
             place(200'000) + "more gzip data, found the end of the file: it is cut off");
  BOOST_TEST(unpack(whole + whole.substr(0, 15)).error ==
             place(whole.size() + 15) + "more gzip data, found the end of the file: it is cut off");
}

BOOST_AUTO_TEST_CASE(damage_is_told_from_a_wrong_checksum_and_a_wrong_length) {
  const std::string whole = packed(text);
  std::string checksum = whole, length = whole, block = whole;
  checksum[whole.size() - 8] ^= 1;
  length[whole.size() - 4] ^= 1;
  block[10] |= 6;  // the kind of the first block: there is no fourth
  BOOST_TEST(
      unpack(checksum).error.ends_with("expected unpacked bytes with gzip's checksum, found a different checksum"));
  BOOST_TEST(unpack(length).error.ends_with("expected as many unpacked bytes as gzip says, found a different number"));
  BOOST_TEST(unpack(block).error.ends_with("expected valid gzip data, found damaged data (invalid block type)"));
  for (const std::string& damaged : {checksum, length, block}) {
    const std::string error = unpack(damaged).error;
    BOOST_TEST(error.starts_with("F: byte "), error);
    BOOST_TEST(std::stoul(error.substr(8)) <= whole.size());
    BOOST_TEST(std::stoul(error.substr(8)) > 10u);
  }
}

BOOST_AUTO_TEST_CASE(a_small_file_that_grows_without_end_is_not_unpacked) {
  const std::string large(std::size_t(80) << 20, '\0');  // in 80 kB
  const std::string bomb = packed(large);
  BOOST_TEST(bomb.size() < 100'000u);
  const Outcome outcome = unpack(bomb);
  BOOST_TEST(outcome.error.ends_with("expected at most 100 times as many bytes when unpacked, found more"),
             outcome.error);
  BOOST_TEST(outcome.bytes.size() <= (std::size_t(64) << 20) + 100 * bomb.size());
  const std::string blank(std::size_t(47) << 20, '\0');  // MNIST's size, but nothing written on it
  BOOST_TEST((unpack(packed(blank)).bytes == blank));
}

BOOST_AUTO_TEST_CASE(the_limit_is_reached_to_the_byte) {
  const std::size_t always = std::size_t(64) << 20, times = 100;
  std::istringstream in(packed(std::string(std::size_t(80) << 20, '\0')));
  const std::filesystem::path name = "F";
  Unpacker unpacker(in, name);
  std::vector<std::uint8_t> buffer(always + times * 70'000);  // which are allowed as soon as 70 kB were read
  std::size_t all = unpacker.read(buffer);
  BOOST_TEST_REQUIRE(all == buffer.size());
  try {
    for (const std::span one(buffer.data(), 1); const std::size_t got = unpacker.read(one);) all += got;
    BOOST_ERROR("no error");
  } catch (const FileError& error) {
    BOOST_TEST(all == always + times * std::stoul(std::string(error.what()).substr(8)));
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_an_error) {
  std::ifstream memory("/proc/self/mem", std::ios::binary);  // there, but its first byte is no memory of ours
  BOOST_TEST(unpack(memory, 100).error == "F: cannot be read: Input/output error");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_any_further_is_an_error_too) {
  struct Failing : std::streambuf {
    explicit Failing(std::string text) : bytes(std::move(text)) {
      setg(bytes.data(), bytes.data(), bytes.data() + bytes.size());
    }
    int_type underflow() override {
      errno = EIO;
      throw std::runtime_error("the disk is broken");  // which a stream keeps to itself
    }
    std::string bytes;
  };
  for (const std::string& bytes : {packed(text).substr(0, 30), text}) {
    Failing failing(bytes);
    std::istream in(&failing);
    BOOST_TEST(unpack(in, 1 << 16).error == "F: cannot be read: Input/output error");
  }
}

BOOST_AUTO_TEST_CASE(an_error_of_before_is_not_taken_for_that_of_the_stream) {
  struct Failing : std::streambuf {
    explicit Failing(std::string text) : bytes(std::move(text)) {
      setg(bytes.data(), bytes.data(), bytes.data() + bytes.size());
    }
    int_type underflow() override { throw std::runtime_error("which says nothing of errno"); }
    std::string bytes;
  };
  for (const std::string& bytes : {std::string(), text}) {
    Failing failing(bytes);
    std::istream in(&failing);
    errno = EACCES;
    BOOST_TEST(unpack(in, 100).error == "F: cannot be read: " + std::generic_category().message(0));
  }
}

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)  // which have memory of their own
BOOST_AUTO_TEST_CASE(what_there_is_no_memory_for_is_not_called_damaged) {
  const std::string said = testing::in_a_child([] {
    std::istringstream in(packed(noise(100'000)));
    const std::filesystem::path name = "F";
    Unpacker unpacker(in, name);
    std::vector<std::uint8_t> buffer(1000);
    rlimit before;
    ::getrlimit(RLIMIT_AS, &before);
    const rlimit no_more{0, before.rlim_max};
    ::setrlimit(RLIMIT_AS, &no_more);
    void* volatile spare = std::malloc(8192);  // enough for a message, too little for what zlib asks for
    void* volatile taken = nullptr;            // all that the system has given already; the child ends soon
    for (std::size_t size = 1 << 20; size > 0; size /= 2) {
      do {
        taken = std::malloc(size);
      } while (taken != nullptr);
    }
    std::free(spare);
    bool without_memory = false;
    try {
      unpacker.read(buffer);
    } catch (const std::bad_alloc&) {
      without_memory = true;
    } catch (const FileError&) {
    }
    ::setrlimit(RLIMIT_AS, &before);
    return std::string(without_memory ? "no memory" : "damaged");
  });
  BOOST_TEST(said == "no memory");
}
#endif

BOOST_AUTO_TEST_CASE(a_large_file_that_was_not_much_smaller_is_unpacked) {
  std::string piece(std::size_t(1) << 20, '\0');
  const std::string random = noise(piece.size() / 64);
  for (std::size_t i = 0; i < random.size(); ++i) piece[64 * i] = random[i];
  std::string parts;
  const std::string part = packed(piece);
  for (int i = 0; i < 66; ++i) parts += part;
  std::istringstream in(parts);
  const std::filesystem::path name = "F";
  Unpacker unpacker(in, name);
  std::vector<std::uint8_t> buffer(piece.size());
  std::size_t all = 0;
  while (const std::size_t got = unpacker.read(buffer)) all += got;
  BOOST_TEST(all == 66 * piece.size());
}
