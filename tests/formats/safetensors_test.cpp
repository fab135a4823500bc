#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "../support/program.hpp"

import rnn.base.error;
import rnn.formats.safetensors;
import rnn.linalg.matrix;

using namespace rnn;
using Shape = std::vector<std::uint64_t>;

namespace {

Matrix counted(Index rows, Index columns) {
  Matrix m(rows, columns);
  Real next = Real(0.5);
  for (Real& number : m.data()) number = next++;
  return m;
}

std::string with_length(const std::string& header, const std::string& data = "") {
  std::string length(8, '\0');
  const std::uint64_t size = header.size();
  std::memcpy(length.data(), &size, 8);
  return length + header + data;
}

std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return "{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

std::string error(const std::string& bytes) {
  try {
    parse_safetensors(bytes, "a.safetensors");
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

/// The message must begin with "a.safetensors: " and this.
void check_error(const std::string& bytes, const std::string& message) {
  const std::string found = error(bytes);
  BOOST_TEST(found.starts_with("a.safetensors: " + message), "expected " << message << "\n  found " << found);
  BOOST_TEST(found.find('\n') == std::string::npos);
}

/// Files of one run of this test; the float and the double build may run at the same time.
struct Folder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("safetensors." + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

std::string run_peer(const std::string& what, const std::filesystem::path& path) {
  const auto result = rnn::testing::run(rnn::testing::from_environment("SAFETENSORS_PEER"), {what, path.string()});
  BOOST_TEST(result.status == 0, result.err);
  return result.out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
  const Folder folder;
  const Shape steps{7, std::numeric_limits<std::uint64_t>::max()};
  TensorFile file;
  file.tensors.push_back(to_tensor("w_x", counted(2, 3)));
  file.tensors.push_back(to_tensor("b", std::vector<Real>{1, 2, 3}, {3}));
  file.tensors.push_back(to_tensor("nothing", Matrix(0, 3)));
  file.tensors.push_back(to_tensor("steps", steps));
  file.metadata = {{"seed", "1"}, {"a \"quoted\"\n name", "\u00e9"}};
  const auto path = folder.path / "a.safetensors";
  write_safetensors(path, file);
  const TensorFile read = read_safetensors(path);
  BOOST_TEST((read.metadata == file.metadata));
  BOOST_TEST_REQUIRE(read.tensors.size() == 4u);
  for (Index i = 0; i < read.tensors.size(); ++i) {
    BOOST_TEST(read.tensors[i].name == file.tensors[i].name);
    BOOST_TEST(read.tensors[i].dtype == file.tensors[i].dtype);
    BOOST_TEST((read.tensors[i].shape == file.tensors[i].shape));
    BOOST_TEST(read.tensors[i].bytes == file.tensors[i].bytes);
  }
  Matrix w_x(2, 3), b(1, 3);
  copy(read, path, "w_x", w_x);
  copy(read, path, "b", b);
  BOOST_TEST(w_x(1, 2) == Real(5.5));
  BOOST_TEST(b(0, 2) == Real(3));
  BOOST_TEST((counters(read, path, "steps") == steps));
}

BOOST_AUTO_TEST_CASE(a_transposed_view_is_written_as_it_is_seen) {
  const Matrix m = counted(2, 3);
  const Tensor tensor = to_tensor("t", transposed(m));
  BOOST_TEST((tensor.shape == Shape{3, 2}));
  Real second = 0;
  std::memcpy(&second, &tensor.bytes[sizeof(Real)], sizeof(Real));
  BOOST_TEST(second == m(1, 0));
}

BOOST_AUTO_TEST_CASE(the_bytes_are_the_formats) {
  TensorFile file;
  file.tensors.push_back(to_tensor("n", Shape{1}));
  file.metadata = {{"b", "2"}, {"a", "1"}};
  const std::string header =
      "{\"__metadata__\":{\"a\":\"1\",\"b\":\"2\"},\"n\":{\"dtype\":\"U64\",\"shape\":[1],\"data_offsets\":[0,8]}}";
  const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  BOOST_TEST(format_safetensors(file) == with_length(padded, std::string("\1\0\0\0\0\0\0\0", 8)));
  BOOST_TEST(format_safetensors({}) == with_length("{}      "));
}

BOOST_AUTO_TEST_CASE(an_independent_reader_reads_what_is_written) {
  const Folder folder;
  TensorFile file;
  file.tensors.push_back(to_tensor("odd", std::vector<Real>{Real(0.5)}, {1}));
  file.tensors.push_back(to_tensor("w_x", counted(2, 2)));
  file.tensors.push_back(to_tensor("step", Shape{42}));
  file.metadata = {{"source", "here"}};
  write_safetensors(folder.path / "a", file);
  const std::string f = real_dtype();
  BOOST_TEST(run_peer("read", folder.path / "a") == "{\"source\": \"here\"}\nodd " + f + " [1] [0.5]\nw_x " + f +
                                                        " [2, 2] [0.5, 1.5, 2.5, 3.5]\nstep U64 [1] [42]\n");
}

BOOST_AUTO_TEST_CASE(what_an_independent_writer_wrote_is_read) {
  const Folder folder;
  run_peer("write", folder.path / "a");
  const TensorFile file = read_safetensors(folder.path / "a");
  BOOST_TEST(file.metadata.at("source") == "elsewhere");
  BOOST_TEST((file.find("w_x")->shape == Shape{1, 4}));
  Matrix b(1, 2);
  if constexpr (std::is_same_v<Real, float>) {
    copy(file, "a", "b", b);
    BOOST_TEST(b(0, 1) == Real(-0.5));
  } else {
    BOOST_CHECK_THROW(copy(file, "a", "b", b), FileError);
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_is_cut_short_anywhere_is_refused) {
  TensorFile file;
  file.tensors.push_back(to_tensor("w_x", counted(2, 3)));
  file.metadata = {{"seed", "1"}};
  const std::string bytes = format_safetensors(file);
  BOOST_TEST(error(bytes) == "no error");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    BOOST_TEST(error(bytes.substr(0, size)).starts_with("a.safetensors: "), size << " bytes");
  }
  check_error(bytes + "x", "data: expected ");
}

BOOST_AUTO_TEST_CASE(a_header_that_lies_about_its_length_allocates_nothing) {
  check_error("", "expected 8 bytes with the length of the header, found 0");
  check_error(std::string(8, '\xff'), "expected a header of at most 1000000 bytes, found 18446744073709551615");
  check_error(std::string("\0\0\5\0\0\0\0\0{}", 10), "expected a header of 327680 bytes, found 2");
  // Far more than any names and shapes here, and in memory up to forty times as much.
  check_error(with_length("{\"a\":[" + std::string(1'000'000, '0') + "]}"),
              "expected a header of at most 1000000 bytes");
  check_error(std::string(8, '\0'), "header: expected an object");
}

BOOST_AUTO_TEST_CASE(a_header_that_is_no_proper_json_is_refused) {
  check_error(with_length("[]"), "header: expected an object");
  check_error(with_length(" {}"), "header: expected an object");
  check_error(with_length("{"), "line 1 column 2: expected JSON, found the end of the text");
  check_error(with_length("{}{}"), "line 1 column 3: expected JSON, found ");
  const std::string one = "\"a\":" + entry("F32", "[0]", "[0,0]");
  check_error(with_length("{" + one + "," + one + "}"), "line 1 column ");
  check_error(with_length("{\"a\":" + std::string(50000, '[')), "line 1 column ");
  check_error(with_length("{\"a\":1}"), "tensor \"a\": expected an object, found the number 1");
  check_error(with_length("{\"a\":{}}"), "tensor \"a\": expected the key dtype, found none");
  check_error(with_length("{\"__metadata__\":{\"a\":1}}"), "__metadata__.\"a\": expected a text, found the number 1");
  check_error(with_length("{\"__metadata__\":[]}"), "__metadata__: expected an object, found a list of 0");
  const std::string surplus = "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":0}";
  check_error(with_length("{\"a\":" + surplus + "}", "1234"), "tensor \"a\": expected only the keys dtype");
}

BOOST_AUTO_TEST_CASE(a_tensor_that_does_not_fit_its_bytes_is_refused) {
  const auto one = [](const char* dtype, const char* shape, const char* offsets) {
    return with_length("{\"a\":" + entry(dtype, shape, offsets) + "}", "12345678");
  };
  BOOST_TEST(error(one("F32", "[2]", "[0,8]")) == "no error");
  BOOST_TEST(error(one("F64", "[]", "[0,8]")) == "no error");
  check_error(one("BF16", "[4]", "[0,8]"),
              "tensor \"a\".dtype: expected F32, F64, I64 or U64, found the text \"BF16\"");
  check_error(one("F32", "[3]", "[0,8]"), "tensor \"a\": expected 12 bytes for F32 [3], found 8");
  check_error(one("F32", "[1152921504606846976]", "[0,8]"),
              "tensor \"a\".shape[0]: expected a whole number up to 2^53");
  check_error(one("F32", "[4503599627370496,4503599627370496]", "[0,8]"),
              "tensor \"a\": expected more than 2^64 bytes");
  check_error(one("F32", "[4294967296,4294967296,2]", "[0,8]"), "tensor \"a\": expected more than 2^64 bytes");
  check_error(one("F32", "[-2]", "[0,8]"), "tensor \"a\".shape[0]: expected a whole number");
  check_error(one("F32", "[1.5]", "[0,8]"), "tensor \"a\".shape[0]: expected a whole number");
  check_error(one("F32", "2", "[0,8]"), "tensor \"a\".shape: expected a list, found the number 2");
  check_error(one("F32", "[2]", "[0]"), "tensor \"a\".data_offsets: expected a list of 2, found a list of 1");
  check_error(one("F32", "[2]", "[8,0]"), "tensor \"a\".data_offsets: expected a part of the 8 bytes");
  check_error(one("F32", "[2]", "[4,12]"), "tensor \"a\".data_offsets: expected a part of the 8 bytes");
  check_error(one("F32", "[1]", "[0,4]"), "data: expected 4 bytes after the header, found 8");
  check_error(one("F32", "[1]", "[4,8]"), "data: expected an array that begins at byte 0, found 4");
  const std::string two = "{\"a\":" + entry("F32", "[2]", "[0,8]") + ",\"b\":" + entry("F32", "[1]", "[4,8]") + "}";
  check_error(with_length(two, "12345678"), "data: expected an array that begins at byte 8, found 4");
}

BOOST_AUTO_TEST_CASE(a_message_stays_a_short_line_whatever_stands_in_the_header) {
  const std::string name = "two\\nlines" + std::string(5000, 'x');
  const auto brief = [](const std::string& header) {
    const std::string found = error(with_length(header));
    BOOST_TEST(found.find('\n') == std::string::npos);
    BOOST_TEST(found.size() < 400u, found);
  };
  brief("{\"__metadata__\":{\"" + name + "\":1}}");
  brief("{\"" + name + "\":1}");
  brief("{\"a\":{\"" + name + "\":1}}");
  brief("{\"" + name + "\":{},\"" + name + "\":{}}");
  std::string shape = "[2";
  for (int i = 0; i < 1000; ++i) shape += ",1";
  brief("{\"a\":" + entry("F32", shape + "]", "[0,0]") + "}");
}

BOOST_AUTO_TEST_CASE(a_tensor_of_another_kind_than_asked_for_is_named) {
  TensorFile file;
  file.tensors.push_back(to_tensor("w_x", counted(2, 3)));
  file.tensors.push_back(to_tensor("n", Shape{1, 2}));
  const auto copy_error = [&](const char* name, Index rows, Index columns) -> std::string {
    Matrix to(rows, columns);
    try {
      copy(file, "a", name, to);
    } catch (const FileError& error) {
      return error.what();
    }
    return "no error";
  };
  const std::string f = real_dtype();
  BOOST_TEST(copy_error("w_x", 2, 3) == "no error");
  BOOST_TEST(copy_error("w_y", 2, 3) == "a: expected a tensor \"w_y\", found none");
  BOOST_TEST(copy_error("w_x", 3, 2) == "a: tensor \"w_x\": expected " + f + " [3, 2], found " + f + " [2, 3]");
  BOOST_TEST(copy_error("n", 1, 2) == "a: tensor \"n\": expected " + f + " [2], found U64 [2]");
  BOOST_CHECK_THROW(counters(file, "a", "w_x"), FileError);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_a_file_is_not_written) {
  TensorFile file;
  file.tensors.push_back(to_tensor("a", counted(1, 2)));
  file.tensors.push_back(to_tensor("a", counted(1, 2)));
  BOOST_CHECK_THROW(format_safetensors(file), std::invalid_argument);
  file.tensors[1].name = "__metadata__";
  BOOST_CHECK_THROW(format_safetensors(file), std::invalid_argument);
  file.tensors[1] = {"b", "F32", {2}, "xxxx"};
  BOOST_CHECK_THROW(write_safetensors("never.safetensors", file), std::invalid_argument);
  BOOST_TEST(!std::filesystem::exists("never.safetensors"));
  BOOST_CHECK_THROW(to_tensor("c", std::vector<Real>{1, 2}, {3}), std::invalid_argument);
}
