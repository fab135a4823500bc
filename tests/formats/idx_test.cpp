#include <sys/resource.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "../support/packed.hpp"

import rnn.base.error;
import rnn.data.images;
import rnn.formats.idx;
import rnn.linalg.matrix;

using namespace rnn;
using rnn::testing::packed;

namespace {

/// A folder of its own for each test, gone afterward.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "idx_test.XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

std::string header(std::initializer_list<std::uint32_t> numbers) {
  std::string bytes;
  for (const std::uint32_t number : numbers) {
    for (const int shift : {24, 16, 8, 0}) bytes += char(number >> shift);
  }
  return bytes;
}

Images parse_images(const std::string& bytes) {
  std::istringstream in(bytes);
  return read_idx_images(in, "F");
}

std::vector<std::uint8_t> parse_labels(const std::string& bytes, std::uint8_t largest = 9) {
  std::istringstream in(bytes);
  return read_idx_labels(in, "F", largest);
}

/// What FileError says when `read` is called; empty when it throws none.
template <class Read>
std::string problem(Read read) {
  try {
    read();
  } catch (const FileError& error) {
    return error.what();
  }
  return "";
}
std::string image_problem(const std::string& bytes) {
  return problem([&] { parse_images(bytes); });
}
std::string label_problem(const std::string& bytes) {
  return problem([&] { parse_labels(bytes); });
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Two images of 2x3 pixels, and three labels.
const std::string two_images =
    header({0x803, 2, 2, 3}) + std::string("\x00\x01\x02\x03\x04\x05\xff\xfe\xfd\x00\x80\x7f", 12);
const std::string three_labels = header({0x801, 3}) + std::string("\x07\x00\x09", 3);

}  // namespace

BOOST_AUTO_TEST_CASE(images_are_read_with_their_sizes_and_stay_bytes) {
  const Images images = parse_images(two_images);
  BOOST_TEST(images.count == 2u);
  BOOST_TEST(images.rows == 2u);
  BOOST_TEST(images.columns == 3u);
  const std::vector<std::uint8_t> expected = {0, 1, 2, 3, 4, 5, 255, 254, 253, 0, 128, 127};
  BOOST_TEST(images.pixels == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(labels_are_read) {
  const std::vector<std::uint8_t> expected = {7, 0, 9};
  BOOST_TEST(parse_labels(three_labels) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(packed_files_hold_the_same_whatever_they_are_called) {
  BOOST_TEST(parse_images(packed(two_images)).pixels == parse_images(two_images).pixels);
  const Folder folder;
  std::ofstream(folder.path / "no_suffix", std::ios::binary) << packed(three_labels);
  BOOST_TEST(read_idx_labels(folder.path / "no_suffix") == parse_labels(three_labels));
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back) {
  const Folder folder;
  const Images images = parse_images(two_images);
  write_idx(folder.path / "images", images);
  write_idx(folder.path / "labels", std::vector<std::uint8_t>{7, 0, 9});
  std::ostringstream bytes;
  bytes << std::ifstream(folder.path / "images", std::ios::binary).rdbuf();
  BOOST_TEST(bytes.str() == two_images);
  BOOST_TEST(read_idx_images(folder.path / "images").pixels == images.pixels);
  BOOST_TEST(read_idx_labels(folder.path / "labels") == parse_labels(three_labels));
}

BOOST_AUTO_TEST_CASE(images_whose_sizes_contradict_one_another_are_not_written) {
  const Folder folder;
  BOOST_CHECK_EXCEPTION(write_idx(folder.path / "images", Images{2, 2, 3, std::vector<std::uint8_t>(11)}),
                        std::invalid_argument, [](const std::invalid_argument& error) {
                          return error.what() == std::string("write_idx: 2 images of 2x3 must have 12 pixels, got 11");
                        });
  BOOST_TEST(!std::filesystem::exists(folder.path / "images"));
}

BOOST_AUTO_TEST_CASE(sizes_are_written_as_32_bits_and_larger_ones_are_refused) {
  const Folder folder;
  constexpr Index most = 0xffffffff;
  write_idx(folder.path / "images", Images{most, 0, most, {}});
  std::ostringstream bytes;
  bytes << std::ifstream(folder.path / "images", std::ios::binary).rdbuf();
  BOOST_TEST(bytes.str() == header({0x803, most, 0, most}));
  for (const Images& images : {Images{most + 1, 0, 1, {}}, Images{0, most + 1, 1, {}}, Images{0, 1, most + 1, {}}}) {
    BOOST_CHECK_THROW(write_idx(folder.path / "images", images), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(a_place_that_cannot_be_written_is_named) {
  const std::string said = problem([] { write_idx("/no/such/folder/labels", std::vector<std::uint8_t>{1}); });
  BOOST_TEST(said == "/no/such/folder/labels: cannot be written: No such file or directory");
  BOOST_TEST(problem([] { write_idx("/dev/full", std::vector<std::uint8_t>{1}); }) ==
             "/dev/full: cannot be written: No space left on device");
}

BOOST_AUTO_TEST_CASE(megabytes_of_pixels_are_read_as_they_are) {
  std::string pixels(3'000'000, '\0');
  for (std::size_t i = 0; i < pixels.size(); i += 1000) pixels[i] = char(i / 1000 % 127 + 1);
  const Images images = parse_images(header({0x803, 3, 1000, 1000}) + pixels);
  BOOST_TEST((std::string(images.pixels.begin(), images.pixels.end()) == pixels));
}

BOOST_AUTO_TEST_CASE(no_images_are_images) {
  BOOST_TEST(parse_images(header({0x803, 0, 28, 28})).count == 0u);
  BOOST_TEST(parse_images(header({0x803, 0, 0, 0})).count == 0u);
  BOOST_TEST(parse_labels(header({0x801, 0})).empty());
}

BOOST_AUTO_TEST_CASE(an_empty_file_is_named_as_such) {
  BOOST_TEST(image_problem("") == "F: byte 0: expected the magic number (4 bytes), found the end after 0");
}

BOOST_AUTO_TEST_CASE(every_cut_of_a_file_is_an_error) {
  for (Index length = 0; length < two_images.size(); ++length)
    BOOST_TEST(contains(image_problem(two_images.substr(0, length)), "found"), "cut after " << length);
  for (Index length = 0; length < three_labels.size(); ++length)
    BOOST_TEST(contains(label_problem(three_labels.substr(0, length)), "found"), "cut after " << length);
  BOOST_TEST(image_problem(two_images.substr(0, 10)) ==
             "F: byte 8: expected the number of rows (4 bytes), found the end after 2");
  BOOST_TEST(image_problem(two_images.substr(0, 20)) == "F: byte 16: expected 12 bytes of pixels, found 4");
}

BOOST_AUTO_TEST_CASE(every_cut_of_a_packed_file_is_an_error) {
  const std::string whole = packed(two_images);
  for (Index length = 0; length < whole.size(); ++length)
    BOOST_TEST(image_problem(whole.substr(0, length)) != "", "cut after " << length);
}

BOOST_AUTO_TEST_CASE(a_damaged_packed_file_is_an_error_or_holds_the_same) {
  // Some bits carry nothing, as the time in the header and what fills up the last byte: only those may pass.
  const std::string whole = packed(two_images);
  const std::vector<std::uint8_t> pixels = parse_images(two_images).pixels;
  for (Index i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[i] = char(damaged[i] ^ (1 << bit));
      if (image_problem(damaged) == "") BOOST_TEST(parse_images(damaged).pixels == pixels, "byte " << i);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_magic_number_is_named_with_the_right_one) {
  BOOST_TEST(image_problem(three_labels) ==
             "F: byte 0: expected the magic number 0x00000803 (images), found 0x00000801");
  BOOST_TEST(label_problem(two_images) ==
             "F: byte 0: expected the magic number 0x00000801 or 0x00000c02 (labels), found 0x00000803");
  BOOST_TEST(contains(image_problem("<html>Please log in</html>"), "found 0x3c68746d"));
}

BOOST_AUTO_TEST_CASE(bytes_after_the_end_are_an_error) {
  BOOST_TEST(image_problem(two_images + "x") == "F: byte 28: expected the end after 12 bytes of pixels, found more");
  BOOST_TEST(label_problem(three_labels + "x") == "F: byte 11: expected the end after 3 bytes of labels, found more");
  BOOST_TEST(contains(image_problem(packed(two_images + "x")), "byte 28 (unpacked): expected the end"));
  BOOST_TEST(contains(image_problem(packed(two_images) + "x"), "expected the end after the gzip data, or zeros"));
}

BOOST_AUTO_TEST_CASE(a_label_over_the_largest_is_named_with_its_place) {
  BOOST_TEST(label_problem(header({0x801, 2}) + "\x03\x0a") == "F: byte 9: expected a label of at most 9, found 10");
  BOOST_TEST(parse_labels(header({0x801, 1}) + "\x0a", 10).size() == 1u);
  // As EMNIST's letters are, should they be called like MNIST's.
  BOOST_TEST(label_problem(packed(header({0x801, 3}) + "\x01\x1a\x17")) ==
             "F: byte 9 (unpacked): expected a label of at most 9, found 26");
}

BOOST_AUTO_TEST_CASE(labels_in_tables_of_8_columns_are_the_first_of_each_row) {
  const std::string rows = header({7, 1, 2, 3, 4, 5, 6, 0}) + header({9, 4, 99, 26, 1000000, 1, 0, 0});
  const std::vector<std::uint8_t> expected = {7, 9};
  const std::string table = header({0xc02, 2, 8}) + rows;
  BOOST_TEST(parse_labels(table) == expected, boost::test_tools::per_element());
  BOOST_TEST(parse_labels(packed(table)) == expected, boost::test_tools::per_element());
  BOOST_TEST(parse_labels(header({0xc02, 0, 8})).empty());
  BOOST_TEST(label_problem(header({0xc02, 1, 7}) + header({1, 0, 0, 0, 0, 0, 0})) ==
             "F: byte 8: expected 8 columns, found 7");
  BOOST_TEST(label_problem(header({0xc02, 3, 8}) + rows) == "F: byte 12: expected 96 bytes of labels, found 64");
  BOOST_TEST(label_problem(table + "x") == "F: byte 76: expected the end after 64 bytes of labels, found more");
  BOOST_TEST(label_problem(header({0xc02, 2, 8}) + header({0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0})) ==
             "F: byte 44: expected a label from 0 to 9, found 10");
  BOOST_TEST(label_problem(header({0xc02, 1, 8}) + header({0xffffffff, 0, 0, 0, 0, 0, 0, 0})) ==
             "F: byte 12: expected a label from 0 to 9, found -1");
  BOOST_TEST(label_problem(header({0xc02, 0xffffffff, 8})) ==
             "F: byte 8: expected at most 33554432 labels, found 4294967295");
  BOOST_TEST(image_problem(table) == "F: byte 0: expected the magic number 0x00000803 (images), found 0x00000c02");
}

BOOST_AUTO_TEST_CASE(images_without_pixels_are_an_error) {
  BOOST_TEST(image_problem(header({0x803, 4000000000, 0, 28})) ==
             "F: byte 16: expected images of at least 1x1 pixels, found 0x28");
}

BOOST_AUTO_TEST_CASE(sizes_that_overflow_are_an_error) {
  const std::string most = "F: byte 16: expected at most 1073741824 bytes of pixels, found ";
  BOOST_TEST(image_problem(header({0x803, 0xffffffff, 0xffffffff, 0xffffffff})) ==
             most + "4294967295 images of 4294967295x4294967295");
  // 2^64 bytes, which 64 bits would take for none.
  BOOST_TEST(image_problem(header({0x803, 0x10000, 0x1000000, 0x1000000})) ==
             most + "65536 images of 16777216x16777216");
}

BOOST_AUTO_TEST_CASE(what_claims_more_than_any_set_of_images_holds_is_not_unpacked) {
  // 64 MB in 64 KB: were they unpacked, the message would say that they are too few.
  const std::string zeros(64 << 20, '\0');
  BOOST_TEST(
      image_problem(packed(header({0x803, 1u << 30, 1u << 15, 1u << 15}) + zeros)) ==
      "F: byte 16 (unpacked): expected at most 1073741824 bytes of pixels, found 1073741824 images of 32768x32768");
  BOOST_TEST(label_problem(header({0x801, 0xffffffff})) ==
             "F: byte 8: expected at most 1073741824 labels, found 4294967295");
}

BOOST_AUTO_TEST_CASE(a_header_that_claims_far_more_than_there_is_costs_no_memory) {
  rlimit before;
  getrlimit(RLIMIT_AS, &before);
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)  // these reserve terabytes themselves
  const rlimit little = {Index(1) << 29, before.rlim_max};
  setrlimit(RLIMIT_AS, &little);
#endif
  const std::string claim = header({0x803, 1u << 20, 1u << 5, 1u << 5});
  const std::string plain = image_problem(claim + "abc"), zipped = image_problem(packed(claim + "abc"));
  const std::string labels = label_problem(header({0x801, 1u << 30}) + "abc");
  setrlimit(RLIMIT_AS, &before);
  BOOST_TEST(plain == "F: byte 16: expected 1073741824 bytes of pixels, found 3");
  BOOST_TEST(zipped == "F: byte 16 (unpacked): expected 1073741824 bytes of pixels, found 3");
  BOOST_TEST(labels == "F: byte 8: expected 1073741824 bytes of labels, found 3");
}

BOOST_AUTO_TEST_CASE(files_that_cannot_be_opened_are_named) {
  const Folder folder;
  const std::string missing = folder.path / "missing", closed = folder.path / "closed";
  BOOST_TEST(problem([&] { read_idx_images(missing); }) == missing + ": cannot be opened: No such file or directory");
  BOOST_TEST(problem([&] { read_idx_labels(folder.path); }) ==
             folder.path.string() + ": expected a file, found a directory");

  std::ofstream(closed) << "x";
  std::filesystem::permissions(folder.path, std::filesystem::perms::all);
  std::filesystem::permissions(closed, std::filesystem::perms::none);
  const uid_t user = geteuid();
  if (user == 0) BOOST_TEST_REQUIRE(seteuid(65534) == 0);  // the system refuses root nothing
  const std::string said = problem([&] { read_idx_images(closed); });
  if (user == 0) BOOST_TEST_REQUIRE(seteuid(user) == 0);
  BOOST_TEST(said == closed + ": cannot be opened: Permission denied");
}
