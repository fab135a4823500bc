#include <zlib.h>

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "../support/chapter.hpp"
#include "../support/packed.hpp"

import rnn.base.error;
import rnn.data.images;
import rnn.formats.mnist;
import rnn.linalg.matrix;

using namespace rnn;

// MNIST's own files are not here: files with their checksums are made up.

namespace {

std::uint32_t checksum(const std::string& bytes) {
  return std::uint32_t(crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), uInt(bytes.size())));
}

/// The bytes with some of the last 64 zeros turned into ones, so that they have this checksum: what each of them
/// changes is known, and which changes together are the wanted one is a matter of linear equations.
std::string with_checksum(std::string bytes, std::uint32_t wanted) {
  const std::size_t first = bytes.size() - 64;
  const std::uint32_t now = checksum(bytes);
  struct Change {
    std::uint32_t bits = 0;
    std::uint64_t of = 0;  // which bytes, a bit for each
  };
  std::vector<Change> by_highest_bit(32);
  const auto reduced = [&](Change change) {
    for (int bit = 31; bit >= 0; --bit) {
      const Change& known = by_highest_bit[std::size_t(bit)];
      if ((change.bits >> bit & 1) != 0 && known.bits != 0) change = {change.bits ^ known.bits, change.of ^ known.of};
    }
    return change;
  };
  for (std::size_t i = 0; i < 64; ++i) {
    bytes[first + i] = 1;
    const Change change = reduced({checksum(bytes) ^ now, std::uint64_t(1) << i});
    bytes[first + i] = 0;
    for (int bit = 31; bit >= 0; --bit) {
      if ((change.bits >> bit & 1) == 0) continue;
      by_highest_bit[std::size_t(bit)] = change;
      break;
    }
  }
  const Change all = reduced({now ^ wanted, 0});
  for (std::size_t i = 0; i < 64; ++i) bytes[first + i] = char(all.of >> i & 1);
  BOOST_TEST_REQUIRE(checksum(bytes) == wanted);
  return bytes;
}

std::string number(std::uint32_t value) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes += char(value >> shift);
  return bytes;
}
std::string images(std::uint32_t count, char value = 0) {
  return number(0x803) + number(count) + number(1) + number(2) + std::string(2 * count, value);
}
std::string labels(std::uint32_t count, char value = 0) {
  return number(0x801) + number(count) + std::string(count, value);
}

const std::string own_images = with_checksum(images(10000), 0x91373bdf);
const std::string own_labels = with_checksum(labels(10000), 0x4ab9eff9);

std::string problem(const testing::Folder& folder) {
  try {
    load_mnist_test(folder / "");
  } catch (const FileError& error) {
    return error.what();
  }
  return "none";
}

std::string pixels(const Splits& splits) {
  return {splits.test.images.pixels.begin(), splits.test.images.pixels.end()};
}

const std::string image_file = "t10k-images-idx3-ubyte", label_file = "t10k-labels-idx1-ubyte";
const std::string dotted_images = "t10k-images.idx3-ubyte", dotted_labels = "t10k-labels.idx1-ubyte";

}  // namespace

BOOST_AUTO_TEST_CASE(files_with_mnists_checksums_are_read_wherever_they_stand_among_others) {
  const testing::Folder folder;
  folder.file(image_file, images(10000, 9));
  folder.file(image_file + ".gz", testing::packed(own_images));
  folder.file(dotted_images, images(10000, 8));
  folder.file(label_file, labels(10000, 7));
  folder.file(dotted_labels, own_labels);
  const Splits splits = load_mnist_test(folder / "");
  BOOST_TEST((pixels(splits) == own_images.substr(16)));
  BOOST_TEST((std::string(splits.test.labels.begin(), splits.test.labels.end()) == own_labels.substr(8)));
  BOOST_TEST_REQUIRE(splits.notes.size() == 2u);
  BOOST_TEST(splits.notes[0] == folder / (image_file + ".gz") + " is read, with MNIST's checksum; passed over: " +
                                    (folder / image_file) + "; " + (folder / dotted_images));
  BOOST_TEST(splits.notes[1] ==
             folder / dotted_labels + " is read, with MNIST's checksum; passed over: " + (folder / label_file));
}

BOOST_AUTO_TEST_CASE(images_with_mnists_checksum_are_read_though_others_fit_the_labels) {
  const testing::Folder folder;
  folder.file(image_file, own_images);
  folder.file(dotted_images, images(3));
  folder.file(label_file, labels(3));
  BOOST_TEST(problem(folder) == folder / label_file + ": byte 4: expected 10000 labels, as many as images in " +
                                    (folder / image_file) + ", found 3");
}

BOOST_AUTO_TEST_CASE(labels_with_mnists_checksum_are_passed_over_where_they_do_not_fit_the_images) {
  const testing::Folder folder;
  folder.file(image_file, images(3));
  folder.file(label_file, own_labels);
  folder.file(dotted_labels, labels(3, 5));
  BOOST_TEST(load_mnist_test(folder / "").test.labels == std::vector<std::uint8_t>(3, 5),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_single_other_pixel_is_another_checksum) {
  const testing::Folder folder;
  std::string other = own_images;
  other[16] = 1;
  folder.file(image_file, other);
  folder.file(image_file + ".gz", testing::packed(own_images.substr(0, 100)));
  folder.file(label_file, own_labels);
  const Splits splits = load_mnist_test(folder / "");
  BOOST_TEST_REQUIRE(splits.notes.size() == 1u);
  BOOST_TEST(splits.notes[0].starts_with(folder / image_file + " is read; passed over: "), splits.notes[0]);
}
