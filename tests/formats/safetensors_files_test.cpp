#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <fstream>
#include <string>

#include "../support/chapter.hpp"
#include "../support/processes.hpp"

import rnn.base.error;
import rnn.formats.safetensors;

using namespace rnn;
using testing::Folder;

namespace {

/// A file of two arrays, of three million bytes and of seven, that look different everywhere.
TensorFile made_large() {
  TensorFile file;
  std::uint32_t state = 1;
  for (const std::uint64_t size : {3'000'000, 7}) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = char((state = 1664525 * state + 1013904223) >> 24);
    file.tensors.push_back({"array of " + std::to_string(size), "U8", {size}, bytes});
  }
  return file;
}

const TensorFile& large() {
  static const TensorFile file = made_large();
  return file;
}

std::string differences(const TensorFile& a, const TensorFile& b) {
  if (a.tensors.size() != b.tensors.size()) return "another number of arrays";
  for (std::size_t i = 0; i < a.tensors.size(); ++i) {
    const bool same = a.tensors[i].name == b.tensors[i].name && a.tensors[i].shape == b.tensors[i].shape &&
                      a.tensors[i].bytes == b.tensors[i].bytes;
    if (!same) return "array " + std::to_string(i);
  }
  return "none";
}

/// What is different when the bytes come out of a file or out of a pipe, or what is said.
std::string read_again(const std::string& bytes, bool pipe) {
  const Folder folder;
  const std::string name = folder / "f";
  if (pipe && ::mkfifo(name.c_str(), 0600) != 0) return "mkfifo";
  const auto write = [&] { std::ofstream(name, std::ios::binary) << bytes; };
  if (!pipe) write();
  const testing::Child writer([&] {
    if (pipe) write();
    return std::string();
  });
  try {
    return differences(read_safetensors(name), large());
  } catch (const FileError& error) {
    const std::string message = error.what();
    return message.substr(message.find(": ") + 2);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(files_and_pipes_are_read_to_their_ends_and_no_further) {
  for (const Checksum checksum : {Checksum::no, Checksum::yes}) {
    const std::string bytes = format_safetensors(large(), checksum);
    for (const bool pipe : {false, true}) BOOST_TEST(read_again(bytes, pipe) == "none", (pipe ? "pipe" : "file"));
  }
  const std::string bytes = format_safetensors(large());
  const std::string expected = "data: expected 3000007 bytes after the header, found ";
  BOOST_TEST(read_again(bytes.substr(0, bytes.size() - 1), true) == expected + "3000006");
  BOOST_TEST(read_again(bytes.substr(0, bytes.size() - 2'000'000), true) == expected + "1000007");
  BOOST_TEST(read_again(bytes + "x", true) == expected + "more");
  BOOST_TEST(read_again(bytes.substr(0, bytes.size() - 1), false) ==
             "tensor \"array of 7\".data_offsets: expected a part of the 3000006 bytes that follow the header, found "
             "3000000 to 3000007");
  BOOST_TEST(read_again(bytes + "x", false) == expected + "3000008");
}

BOOST_AUTO_TEST_CASE(a_header_that_a_pipe_does_not_hold_is_refused) {
  const std::string bytes = format_safetensors(large());
  BOOST_TEST(read_again(bytes.substr(0, 50), true).starts_with("expected a header of "));
  BOOST_TEST(read_again(bytes.substr(0, 50), true).ends_with(" bytes, found 42"));
}

BOOST_AUTO_TEST_CASE(more_than_a_gibibyte_is_refused_before_it_is_read) {
  const auto header = [](std::uint64_t size) {
    const std::string number = std::to_string(size);
    const std::string text =
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[" + number + "],\"data_offsets\":[0," + number + "]}}";
    return std::string{char(text.size()), 0, 0, 0, 0, 0, 0, 0} + text;
  };
  BOOST_TEST(read_again(header((1 << 30) + 1), true) == "expected at most 1073741824 bytes of data, found 1073741825");
  BOOST_TEST(read_again(header(1 << 30), true) == "data: expected 1073741824 bytes after the header, found 0");
}

BOOST_AUTO_TEST_CASE(what_is_no_file_is_named) {
  const Folder folder;
  const auto problem = [](const std::string& name) {
    try {
      read_safetensors(name);
    } catch (const FileError& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  BOOST_TEST(problem(folder / "none") == folder / "none" + ": cannot be opened: No such file or directory");
  BOOST_TEST(problem("/proc/self/mem") == "/proc/self/mem: cannot be read: Input/output error");
  BOOST_TEST(problem(folder / "").ends_with(": expected a file, found a directory"));
}

BOOST_AUTO_TEST_CASE(an_array_has_the_rows_and_columns_that_are_asked_for_or_is_one_row) {
  TensorFile file;
  for (const auto& shape : {std::vector<std::uint64_t>{2, 3}, {1, 3}, {1, 5}, {3}}) {
    std::uint64_t size = 4;
    std::string name;
    for (const std::uint64_t axis : shape) size *= axis, name += std::to_string(axis) + " ";
    file.tensors.push_back({name, "F32", shape, std::string(size, '\0')});
  }
  const auto fits = [&](const std::string& name, std::uint64_t rows, std::uint64_t columns) {
    try {
      require_numbers(file, "f", name, rows, columns);
    } catch (const FileError&) {
      return false;
    }
    return true;
  };
  BOOST_TEST((fits("2 3 ", 2, 3) && fits("1 3 ", 1, 3) && fits("3 ", 1, 3)));
  BOOST_TEST(
      (!fits("3 ", 2, 3) && !fits("1 5 ", 1, 3) && !fits("2 3 ", 1, 3) && !fits("2 3 ", 3, 2) && !fits("3 ", 1, 4)));
}
