#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "../support/chapter.hpp"
#include "../support/program.hpp"

import rnn.base.error;
import rnn.formats.safetensors;
import rnn.linalg.matrix;

using namespace rnn;
using rnn::testing::Folder;
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

/// What FileError says when `action` is called.
template <class Action>
std::string problem(Action action) {
  try {
    action();
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

std::string error(const std::string& bytes) {
  return problem([&] { parse_safetensors(bytes, "a.safetensors"); });
}

/// The message must begin with "a.safetensors: " and this.
void check_error(const std::string& bytes, const std::string& message) {
  const std::string found = error(bytes);
  BOOST_TEST(found.starts_with("a.safetensors: " + message), "expected " << message << "\n  found " << found);
  BOOST_TEST(found.find('\n') == std::string::npos);
}

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
  const auto path = std::filesystem::path(folder / "a.safetensors");
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

BOOST_AUTO_TEST_CASE(each_array_has_its_own_bytes) {
  TensorFile file;
  for (const char* bytes : {"a", "bcd", "", "ef", "g"}) {
    file.tensors.push_back({"array " + std::string(bytes), "U8", {std::strlen(bytes)}, bytes});
  }
  const TensorFile read = parse_safetensors(format_safetensors(file), "a");
  BOOST_TEST_REQUIRE(read.tensors.size() == 5u);
  for (Index i = 0; i < 5; ++i) BOOST_TEST(read.tensors[i].bytes == file.tensors[i].bytes);
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
  write_safetensors(folder / "a", file);
  const std::string f = real_dtype();
  BOOST_TEST(run_peer("read", folder / "a") == "{\"source\": \"here\"}\nodd " + f + " [1] [0.5]\nw_x " + f +
                                                   " [2, 2] [0.5, 1.5, 2.5, 3.5]\nstep U64 [1] [42]\n");
}

BOOST_AUTO_TEST_CASE(what_an_independent_writer_wrote_is_read) {
  const Folder folder;
  run_peer("write", folder / "a");
  const TensorFile file = read_safetensors(folder / "a");
  BOOST_TEST(file.metadata.at("source") == "elsewhere");
  BOOST_TEST((file.find("w_x")->shape == Shape{1, 4}));
  Matrix b(1, 2);
  copy(file, "a", "b", b);
  BOOST_TEST(b(0, 1) == Real(-0.5));
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
  check_error(std::string(8, '\xff'), "expected a header of at most 100000000 bytes, found 18446744073709551615");
  check_error(std::string("\1\xe1\xf5\5\0\0\0\0{}", 10),
              "expected a header of at most 100000000 bytes, found 100000001");
  check_error(std::string("\0\xe1\xf5\5\0\0\0\0{}", 10), "expected a header of 100000000 bytes, found 2");
  check_error(std::string("\0\0\5\0\0\0\0\0{}", 10), "expected a header of 327680 bytes, found 2");
  std::string axes = "1";
  for (int i = 0; i < 200'000; ++i) axes += ",1";  // no array has so many, and in memory they are forty times as much
  const std::string found = error(with_length("{\"a\":" + entry("U8", "[" + axes + "]", "[0,1]") + "}", "x"));
  BOOST_TEST(found.starts_with("a.safetensors: line 1 column "), found);
  BOOST_TEST(found.ends_with(": expected JSON, found more than 100000 values in one member"), found);
  check_error(std::string(8, '\0'), "header: expected an object");
}

BOOST_AUTO_TEST_CASE(a_header_that_is_no_proper_json_is_refused) {
  check_error(with_length("[]"), "header: expected an object");
  check_error(with_length(" {}"), "header: expected an object");
  check_error(with_length("{"), "line 1 column 2: expected JSON, found the end of the text");
  check_error(with_length("{}{}"), "line 1 column 3: expected JSON, found ");
  const std::string one = "\"a\":" + entry("F32", "[0]", "[0,0]");
  check_error(with_length("{" + one + "," + one + "}"), "tensor \"a\": expected one of this name, found two");
  const std::string other = "\"b\":" + entry("F32", "[0]", "[0,0]");
  check_error(with_length("{" + one + "," + other + "," + one + "}"),
              "tensor \"a\": expected one of this name, found two");
  check_error(with_length("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}"), "line 1 column ");
  check_error(with_length("{\"a\":" + std::string(50000, '[')), "line 1 column ");
  check_error(with_length("{\"a\":1}"), "tensor \"a\": expected an object, found the number 1");
  check_error(with_length("{\"a\":{}}"), "tensor \"a\": expected the key dtype, found none");
  check_error(with_length("{\"__metadata__\":{\"a\":1}}"), "__metadata__.\"a\": expected a text, found the number 1");
  check_error(with_length("{\"__metadata__\":[]}"), "__metadata__: expected an object, found a list of 0");
  check_error(with_length("{\"__metadata__\":{},\"__metadata__\":{}}"), "header: expected the key __metadata__ once");
  check_error(with_length("{\"__metadata__\":{\"a\":\"1\",\"a\":\"1\"}}"), "line 1 column ");
  check_error(with_length("{\"\xff\":" + entry("F32", "[0]", "[0,0]") + "}"), "line 1 column ");
}

BOOST_AUTO_TEST_CASE(what_the_formats_own_reader_passes_over_is_passed_over) {
  BOOST_TEST(error(with_length("{\"__metadata__\":null}")) == "no error");
  const std::string surplus = "{\"x\":[{}],\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
  BOOST_TEST(error(with_length("{\"a\":" + surplus + "}", "1234")) == "no error");
  BOOST_TEST(error(with_length("{} \t\r\n" + std::string(2'000'000, ' '))) == "no error");
}

BOOST_AUTO_TEST_CASE(a_header_of_many_arrays_is_read) {
  std::string header = "{";
  for (int i = 0; i < 20'000; ++i) {
    header += "\"encoder.layer." + std::to_string(i) +
              "\":" + entry("I32", "[1]", "[" + std::to_string(4 * i) + "," + std::to_string(4 * i + 4) + "]") + ",";
  }
  header.back() = '}';
  BOOST_TEST(header.size() > 1'000'000u);
  BOOST_TEST(parse_safetensors(with_length(header, std::string(80'000, 'x')), "a").tensors.size() == 20'000u);
}

BOOST_AUTO_TEST_CASE(a_tensor_that_does_not_fit_its_bytes_is_refused) {
  const auto one = [](const char* dtype, const char* shape, const char* offsets) {
    return with_length("{\"a\":" + entry(dtype, shape, offsets) + "}", "12345678");
  };
  BOOST_TEST(error(one("F32", "[2]", "[0,8]")) == "no error");
  BOOST_TEST(error(one("F64", "[]", "[0,8]")) == "no error");
  check_error(one("F32", "[3]", "[0,8]"), "tensor \"a\": expected 12 bytes for F32 [3], found 8");
  check_error(one("F32", "[1]", "[0,8]"), "tensor \"a\": expected 4 bytes for F32 [1], found 8");
  check_error(one("F32", "[3]", "[4,8]"), "tensor \"a\": expected 12 bytes for F32 [3], found 4");
  check_error(one("F8", "[8]", "[0,8]"), "tensor \"a\".dtype: expected one of BOOL, U8, ");
  check_error(one("f32", "[2]", "[0,8]"), "tensor \"a\".dtype: expected one of BOOL, U8, ");
  check_error(with_length(R"({"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}})", "12345678"),
              "tensor \"a\".dtype: expected one of BOOL, U8, ");
  const std::string too_large = "tensor \"a\": expected a whole number of bytes below 2^64 for ";
  check_error(one("F32", "[4611686018427387904]", "[0,8]"), too_large + "F32 [4611686018427387904], found 8");
  check_error(one("F32", "[4294967296,4294967296,2]", "[0,8]"), too_large);
  check_error(one("F32", "[9223372036854775808,4,0]", "[0,8]"), too_large);
  BOOST_TEST(error(with_length("{\"a\":" + entry("F32", "[0,9223372036854775808,4]", "[0,0]") + "}")) == "no error");
  BOOST_TEST(error(with_length("{\"a\":" + entry("U8", "[4294967295,4294967297,0]", "[0,0]") + "}")) == "no error");
  check_error(one("U8", "[2305843009213693951]", "[0,8]"), "tensor \"a\": expected 2305843009213693951 bytes for U8 ");
  check_error(one("F32", "[1,2,3,4,5,6,7,8]", "[0,8]"),
              "tensor \"a\": expected 161280 bytes for F32 [1, 2, 3, 4, 5, 6, 7, 8], found 8");
  check_error(one("F32", "[1,2,3,4,5,6,7,8,9]", "[0,8]"),
              "tensor \"a\": expected 1451520 bytes for F32 [1, 2, 3, 4, 5, 6, 7, 8, …], found 8");
  check_error(one("F4", "[15]", "[0,8]"), too_large + "F4 [15], found 8");
  BOOST_TEST(error(one("F4", "[16]", "[0,8]")) == "no error");
  check_error(one("F32", "2", "[0,8]"), "tensor \"a\".shape: expected a list, found the number 2");
  check_error(one("F32", "[2]", "[0]"), "tensor \"a\".data_offsets: expected a list of 2, found a list of 1");
  check_error(one("F32", "[2]", "[0,8,8]"), "tensor \"a\".data_offsets: expected a list of 2, found a list of 3");
  check_error(one("F32", "[2]", "[0,8.0]"), "tensor \"a\".data_offsets[1]: expected a whole number");
  check_error(one("F32", "[2]", "[0,18446744073709551615]"),
              "tensor \"a\".data_offsets: expected a part of the 8 bytes");
  check_error(one("F32", "[2]", "[8,0]"), "tensor \"a\".data_offsets: expected a part of the 8 bytes");
  check_error(one("F32", "[2]", "[4,12]"), "tensor \"a\".data_offsets: expected a part of the 8 bytes");
  check_error(one("F32", "[1]", "[0,4]"), "data: expected 4 bytes after the header, found 8");
  check_error(one("F32", "[1]", "[4,8]"), "data: expected an array that begins at byte 0, found 4");
  const std::string two = "{\"a\":" + entry("F32", "[2]", "[0,8]") + ",\"b\":" + entry("F32", "[1]", "[4,8]") + "}";
  check_error(with_length(two, "12345678"), "data: expected an array that begins at byte 8, found 4");
}

BOOST_AUTO_TEST_CASE(a_shape_is_written_in_digits_alone) {
  const auto found = [](const std::string& number) {
    return error(with_length("{\"a\":" + entry("F32", "[1," + number + "]", "[0,8]") + "}", "12345678"));
  };
  const std::string expected =
      "a.safetensors: tensor \"a\".shape[1]: expected a whole number below 2^64, in digits alone, ";
  BOOST_TEST(found("2") == "no error");
  BOOST_TEST(found("2.0") == expected + "found the number 2, in another notation");
  BOOST_TEST(found("2e0") == expected + "found the number 2, in another notation");
  BOOST_TEST(found("1E2") == expected + "found the number 100, in another notation");
  BOOST_TEST(found("-0") == expected + "found the number -0, in another notation");
  BOOST_TEST(found("-2") == expected + "found the number -2");
  BOOST_TEST(found("1.5") == expected + "found the number 1.5");
  BOOST_TEST(found("18446744073709551616").starts_with(expected));
  BOOST_TEST(found("\"2\"") == expected + "found the text \"2\"");
  BOOST_TEST(found("null") == expected + "found null");
  BOOST_TEST(found("[2]") == expected + "found a list of 1");
  BOOST_TEST(found("02").starts_with("a.safetensors: line 1 column "));
  BOOST_TEST(found("+2").starts_with("a.safetensors: line 1 column "));
}

BOOST_AUTO_TEST_CASE(an_array_that_nobody_asks_for_may_be_of_any_kind) {
  const std::map<std::string, int> bits{
      {"BOOL", 8},    {"U8", 8},      {"I8", 8},          {"U16", 16},        {"I16", 16},  {"U32", 32},
      {"I32", 32},    {"U64", 64},    {"I64", 64},        {"F4", 4},          {"F16", 16},  {"F6_E2M3", 6},
      {"F6_E3M2", 6}, {"F8_E4M3", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"BF16", 16}, {"F8_E5M2", 8},
      {"F8_E8M0", 8}, {"F32", 32},    {"F64", 64},        {"C64", 64}};
  for (const auto& [dtype, size] : bits) {
    TensorFile file;
    file.tensors.push_back(to_tensor("w_x", counted(2, 3)));
    file.tensors.push_back({"other", dtype, {2, 4}, std::string(std::size_t(size), 'x')});
    const TensorFile read = parse_safetensors(format_safetensors(file), "a");
    Matrix w_x(2, 3), other(2, 4);
    copy(read, "a", "w_x", w_x);
    BOOST_TEST(w_x(1, 2) == Real(5.5), dtype);
    BOOST_TEST((read.find("other")->shape == Shape{2, 4}), dtype);
    BOOST_TEST(read.find("other")->bytes == file.tensors[1].bytes, dtype);
    if (dtype == "F16" || dtype == "BF16" || dtype == "F32" || dtype == "F64") {
      BOOST_TEST(&numbers(read, "a", "other") == read.find("other"));
      continue;
    }
    const std::string found = "found " + dtype + " [2, 4]";
    BOOST_TEST(problem([&] { copy(read, "a", "other", other); }) ==
               "a: tensor \"other\": expected " + real_dtype() + " [2, 4], " + found);
    BOOST_TEST(problem([&] { numbers(read, "a", "other"); }) ==
               "a: tensor \"other\": expected F16, BF16, F32 or F64, " + found);
  }
}

BOOST_AUTO_TEST_CASE(numbers_of_other_precisions_are_converted) {
  const auto read = [](const std::string& dtype, const auto& values) {
    TensorFile file;
    file.tensors.push_back(
        {"b",
         dtype,
         {values.size()},
         std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof values[0])});
    Matrix b(1, values.size());
    copy(file, "a", "b", b);
    return std::vector<Real>(b.data().begin(), b.data().end());
  };
  using Halves = std::vector<std::uint16_t>;
  const Real infinity = std::numeric_limits<Real>::infinity();
  // 0, −0, the least, the largest subnormal, the least normal, 1, −2, the largest, ±∞: from the tables of IEEE 754.
  const std::vector<Real> half = read(
      "F16", Halves{0x0000, 0x8000, 0x0001, 0x03ff, 0x0400, 0x3c00, 0xc000, 0x7bff, 0x7c00, 0xfc00, 0x3555, 0x7e00});
  const std::vector<Real> expected{Real(0),  Real(-0.0),  Real(0x1p-24), Real(0x3ffp-24), Real(0x1p-14),   Real(1),
                                   Real(-2), Real(65504), infinity,      -infinity,       Real(0x1.554p-2)};
  for (Index i = 0; i < expected.size(); ++i) BOOST_TEST(half[i] == expected[i], "half " << i);
  BOOST_TEST(std::signbit(half[1]));
  BOOST_TEST(std::isnan(half[11]));
  const std::vector<Real> brain = read("BF16", Halves{0x0000, 0x3f80, 0xc000, 0x7f7f, 0x7f80, 0x0001, 0x3eab});
  const std::vector<Real> wanted{0, 1, -2, Real(0x1.fep127), infinity, Real(0x1p-133), Real(0x1.56p-2)};
  BOOST_TEST(brain == wanted, boost::test_tools::per_element());
  BOOST_TEST(
      read("F64", std::vector<double>{0.1, -1e-300, 1}) == (std::vector<Real>{Real(0.1), Real(-1e-300), Real(1)}),
      boost::test_tools::per_element());
  BOOST_TEST(read("F32", std::vector<float>{0.1f, 3e38f}) == (std::vector<Real>{Real(0.1f), Real(3e38f)}),
             boost::test_tools::per_element());
  const auto large = [&] { read("F64", std::vector<double>{1, 1e300}); };
  BOOST_TEST(problem(large) == (std::is_same_v<Real, float> ? "a: tensor \"b\": expected numbers up to "
                                                              "3.4028235e+38, found 1e+300 at number 1"
                                                            : "no error"));
  if (std::is_same_v<Real, float>) {
    const std::vector<double> numbers{1, 2, 3, 4, 1e300, 6};
    const std::string bytes(reinterpret_cast<const char*>(numbers.data()), 48);
    Matrix to(3, 2);
    BOOST_TEST(problem([&] { copy({{{"b", "F64", {3, 2}, bytes}}, {}}, "a", "b", to); }).ends_with(" at number 4"));
  }
  BOOST_TEST(read("F64", std::vector<double>{-std::numeric_limits<double>::infinity()})[0] == -infinity);
}

BOOST_AUTO_TEST_CASE(shapes_can_be_asked_for_before_anything_is_allocated) {
  TensorFile file;
  file.tensors.push_back(to_tensor("w_x", counted(2, 3)));
  file.tensors.push_back(to_tensor("b", std::vector<Real>{1, 2, 3}, {3}));
  file.tensors.push_back(to_tensor("steps", Shape{1}));
  const auto said = [&](const char* name, std::uint64_t rows, std::uint64_t columns) {
    return problem([&] { require_numbers(file, "a", name, rows, columns); });
  };
  BOOST_TEST(said("w_x", 2, 3) == "no error");
  BOOST_TEST(said("b", 1, 3) == "no error");
  const std::string f = real_dtype();
  BOOST_TEST(said("w_x", 20000, 20000) ==
             "a: tensor \"w_x\": expected " + f + " [20000, 20000], found " + f + " [2, 3]");
  BOOST_TEST(said("b", 3, 1) == "a: tensor \"b\": expected " + f + " [3, 1], found " + f + " [3]");
  BOOST_TEST(said("steps", 1, 1) == "a: tensor \"steps\": expected " + f + " [1], found U64 [1]");
  BOOST_TEST(said("w_y", 3, 3) == "a: expected a tensor \"w_y\", found none");
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
  brief("{\"a\":" + entry(name, "[1]", "[0,4]") + "}");
  std::string shape = "[2";
  for (int i = 0; i < 1000; ++i) shape += ",1";
  brief("{\"a\":" + entry("F32", shape + "]", "[0,0]") + "}");
}

BOOST_AUTO_TEST_CASE(a_tensor_of_another_kind_than_asked_for_is_named) {
  TensorFile file;
  file.tensors.push_back(to_tensor("w_x", counted(2, 3)));
  file.tensors.push_back(to_tensor("n", Shape{1, 2}));
  const auto copy_error = [&](const char* name, Index rows, Index columns) {
    Matrix to(rows, columns);
    return problem([&] { copy(file, "a", name, to); });
  };
  const std::string f = real_dtype();
  BOOST_TEST(copy_error("w_x", 2, 3) == "no error");
  BOOST_TEST(copy_error("w_y", 2, 3) == "a: expected a tensor \"w_y\", found none");
  BOOST_TEST(copy_error("w_x", 3, 2) == "a: tensor \"w_x\": expected " + f + " [3, 2], found " + f + " [2, 3]");
  BOOST_TEST(copy_error("n", 1, 2) == "a: tensor \"n\": expected " + f + " [2], found U64 [2]");
  file.tensors.push_back({"two axes", "U64", {1, 1}, std::string(8, '\0')});
  file.tensors.push_back({"double", "F64", {1}, std::string(8, '\0')});
  for (const char* name : {"w_x", "two axes", "double"}) BOOST_CHECK_THROW(counters(file, "a", name), FileError);
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
  file.tensors[1] = {"b", "F33", {1}, "xxxx"};
  BOOST_CHECK_THROW(format_safetensors(file), std::invalid_argument);
  BOOST_TEST(!std::filesystem::exists("never.safetensors"));
  BOOST_CHECK_THROW(to_tensor("c", std::vector<Real>{1, 2}, {3}), std::invalid_argument);
}
