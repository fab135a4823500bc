#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../support/chapter.hpp"
#include "../support/program.hpp"

import rnn.base.error;
import rnn.formats.safetensors;
import rnn.linalg.matrix;

using namespace rnn;

namespace {

constexpr const char* key = "unrolled.crc32c";

/// Two arrays and three pairs of metadata, one of them beside the checksum's key in their order.
TensorFile some_file() {
  TensorFile file;
  file.tensors.push_back(to_tensor("w_x", std::vector<Real>{1, Real(-2.5), 3, 4, 5, 6}, {2, 3}));
  file.tensors.push_back(to_tensor("position", std::vector<std::uint64_t>{3, 7, 500}));
  file.metadata = {{"activation", "tanh"}, {"unrolled", "yes"}, {"é \"quoted\"", "\n"}};
  return file;
}

std::string error(const std::string& bytes) {
  try {
    parse_safetensors(bytes, "F");
  } catch (const FileError& error) {
    return error.what();
  }
  return "";
}

std::string with_header(const std::string& bytes, const std::string& header) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  const std::uint64_t size = header.size();
  return std::string(reinterpret_cast<const char*>(&size), sizeof size) + header + bytes.substr(8 + length);
}

std::string header_of(const std::string& bytes) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  return bytes.substr(8, length);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  BOOST_TEST_REQUIRE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_checksum_is_written_only_when_it_is_asked_for) {
  const TensorFile file = some_file();
  BOOST_TEST(format_safetensors(file).find(key) == std::string::npos);
  BOOST_TEST(format_safetensors(file, Checksum::no) == format_safetensors(file));
  BOOST_TEST(format_safetensors(file, Checksum::yes).find(key) != std::string::npos);
  BOOST_TEST(error(format_safetensors(file, Checksum::yes)) == "");
}

BOOST_AUTO_TEST_CASE(a_file_with_a_checksum_is_read_as_the_same_content) {
  const TensorFile file = some_file();
  const TensorFile read = parse_safetensors(format_safetensors(file, Checksum::yes), "F");
  BOOST_TEST((read.metadata == file.metadata));
  BOOST_TEST(format_safetensors(read) == format_safetensors(file));
  BOOST_TEST(format_safetensors(read, Checksum::yes) == format_safetensors(file, Checksum::yes));
  BOOST_TEST(error(format_safetensors({}, Checksum::yes)) == "");
}

BOOST_AUTO_TEST_CASE(every_single_bit_that_is_flipped_is_noticed) {
  const std::string whole = format_safetensors(some_file(), Checksum::yes);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ 1 << bit);
      const std::string said = error(damaged);
      BOOST_TEST(said.starts_with("F: "), "byte " << i << " bit " << bit << " of " << whole);
      BOOST_TEST(said.find('\n') == std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_of_the_numbers_is_one_clear_line) {
  std::string damaged = format_safetensors(some_file(), Checksum::yes);
  damaged.back() = static_cast<char>(damaged.back() ^ 4);
  const std::string said = error(damaged);
  BOOST_TEST(said.starts_with("F: expected content with the checksum \""), said);
  BOOST_TEST(said.ends_with(": the file is damaged, or was changed"), said);
}

BOOST_AUTO_TEST_CASE(names_kinds_shapes_and_metadata_are_in_the_sum) {
  const std::string bytes = format_safetensors(some_file(), Checksum::yes), header = header_of(bytes);
  const auto changed = [&](const std::string& from, const std::string& to) {
    return error(with_header(bytes, replaced(header, from, to)));
  };
  const std::string damaged = "F: expected content with the checksum";
  BOOST_TEST(changed("\"w_x\"", "\"w_y\"").starts_with(damaged));
  BOOST_TEST(changed("[2,3]", "[3,2]").starts_with(damaged));
  BOOST_TEST(changed("[2,3]", "[6]").starts_with(damaged));
  BOOST_TEST(changed("U64", "I64").starts_with(damaged));
  BOOST_TEST(changed("tanh", "relu").starts_with(damaged));
  BOOST_TEST(changed("\"unrolled\"", "\"unroller\"").starts_with(damaged));
  BOOST_TEST(changed("\"unrolled\":\"yes\",", "").starts_with(damaged));
  BOOST_TEST(changed("{\"activation\"", "{\"more\":\"\",\"activation\"").starts_with(damaged));
}

BOOST_AUTO_TEST_CASE(the_order_and_the_spelling_are_not_in_the_sum) {
  TensorFile file = some_file();
  const std::string bytes = format_safetensors(file, Checksum::yes), header = header_of(bytes);
  std::swap(file.tensors[0], file.tensors[1]);
  const std::string swapped = format_safetensors(file, Checksum::yes);
  BOOST_TEST(swapped != bytes);
  const std::size_t at = bytes.find(key);
  BOOST_TEST(swapped.substr(swapped.find(key), 30) == bytes.substr(at, 30));
  BOOST_TEST(error(with_header(bytes, replaced(header, "é", "\\u00e9"))) == "");
  BOOST_TEST(error(with_header(bytes, replaced(header, ",", " ,\n"))) == "");
}

BOOST_AUTO_TEST_CASE(what_is_no_checksum_is_named) {
  const std::string bytes = format_safetensors(some_file(), Checksum::yes);
  const std::size_t at = bytes.find(key) + std::string(key).size() + 3;
  const std::string sum = bytes.substr(at, 8);
  const auto with_sum = [&](const std::string& other) {
    return error(with_header(bytes, replaced(header_of(bytes), sum, other)));
  };
  const std::string expected = "F: expected content with the checksum \"";
  BOOST_TEST(with_sum("").starts_with(expected + "\" (its unrolled.crc32c), found content with \"" + sum));
  BOOST_TEST(with_sum("0" + sum).starts_with(expected + "0" + sum));
  BOOST_TEST(with_sum(std::string(5000, 'x')).size() < 300u);
  for (const char* other : {"unrolled.cric32c", "unrolled.crc32", "unrolled.crc33", "tnrolled.crc32c2"}) {
    BOOST_TEST(error(with_header(bytes, replaced(header_of(bytes), key, other))) == "");  // somebody else's
  }
  const std::string damaged_key = error(with_header(bytes, replaced(header_of(bytes), key, "unrolled.crc32b")));
  BOOST_TEST(damaged_key ==
             "F: __metadata__: expected the key unrolled.crc32c, found \"unrolled.crc32b\", so the file "
             "is damaged");
  TensorFile file = some_file();
  file.metadata[key] = sum;
  BOOST_CHECK_THROW(format_safetensors(file, Checksum::yes), std::invalid_argument);
  BOOST_CHECK_THROW(format_safetensors(file), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(an_independent_program_finds_the_checksum_right) {
  const rnn::testing::Folder folder;
  const std::filesystem::path path = folder / "a";
  const auto peer = [&] {
    return rnn::testing::run(rnn::testing::from_environment("SAFETENSORS_PEER"), {"read", path.string()}).out;
  };
  write_safetensors(path, some_file(), Checksum::yes);
  BOOST_TEST(peer().find("the checksum is right\n") != std::string::npos, peer());
  BOOST_TEST((read_safetensors(path).metadata == some_file().metadata));
  std::string bytes = format_safetensors(some_file(), Checksum::yes);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  std::ofstream(path, std::ios::binary) << bytes;
  BOOST_TEST(peer().find("the checksum is wrong\n") != std::string::npos, peer());
  BOOST_CHECK_THROW(read_safetensors(path), FileError);
}
