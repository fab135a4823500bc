#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

import rnn.base.error;
import rnn.base.json;

using namespace rnn;

namespace {

/// The members in the order in which they came, and what went wrong.
struct Visited {
  std::vector<JsonMember> members;
  std::string error;
};

Visited visit(const std::string& text, std::size_t most_values = 1000) {
  Visited visited;
  try {
    parse_json_members(text, "F", most_values,
                       [&](JsonMember member) { visited.members.push_back(std::move(member)); });
  } catch (const FileError& error) {
    visited.error = error.what();
  }
  return visited;
}

std::string error(const std::string& text) {
  try {
    parse_json(text, "F");
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_text_becomes_lists_objects_texts_numbers_true_false_and_null) {
  const Json json =
      parse_json(" {\"a\":[1,[],{}, true,false,null,-0.1],\"b\\n\u00e9\":\"\\u00e9\\\\x\",\"c\":{\"d\":2}}\n", "F");
  BOOST_TEST(json.object()->size() == 3u);
  const JsonList& list = *json.find("a")->list();
  BOOST_TEST_REQUIRE(list.size() == 7u);
  const char* const described[] = {"the number 1", "a list of 0", "an object",      "true",
                                   "false",        "null",        "the number -0.1"};
  for (std::size_t i = 0; i < 7; ++i) BOOST_TEST(describe(list[i]) == described[i]);
  BOOST_TEST(json.object()->at(1).name == "b\n\u00e9");
  BOOST_TEST(*json.object()->at(1).value.text() == "\u00e9\\x");
  BOOST_TEST(*json.find("c")->find("d")->whole() == 2u);
  BOOST_TEST((!json.find("d") && !json.list() && !json.text() && !json.number() && !json.whole()));
  for (const char* text : {"[\"a\"]", "\"a\"", "1", "null"}) {
    const Json other = parse_json(text, "F");
    BOOST_TEST((!other.find("a") && !other.object()), text);
  }
  const std::string forty(40, 'x');
  BOOST_TEST(describe(parse_json("\"" + forty + "y\"", "F")) == "the text \"" + forty + "\"");
}

BOOST_AUTO_TEST_CASE(a_number_is_the_nearest_double) {
  for (const auto& [text, value] :
       std::vector<std::pair<const char*, double>>{{"0.1", 0.1},
                                                   {"-2.5e-3", -0.0025},
                                                   {"1.7976931348623157e308", 1.7976931348623157e308},
                                                   {"9007199254740993", 9007199254740992.0},
                                                   {"0.30000000000000004", 0.30000000000000004},
                                                   {"5e-324", 5e-324},
                                                   {"8.41e21", 8.41e21}}) {
    BOOST_TEST(*parse_json(text, "F").number() == value, text);
  }
  BOOST_TEST(*parse_json("1e-400", "F").number() < 1e-300);
  BOOST_TEST(error("1e400") == "F: line 1 column 6: expected JSON, found the number 1e400, which is too large");
  const std::string digits = "1" + std::string(399, '0');
  BOOST_TEST(error("[" + digits + "]").find("found the number " + digits.substr(0, 40) + ", which is too large") !=
             std::string::npos);
  BOOST_TEST(error("1e99999999999").ends_with("found a number that is too large"));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_told_with_its_line_and_column) {
  for (const char* text : {"", " \t\r\n \n"}) BOOST_TEST(error(text) == "F: expected JSON, found an empty file");
  BOOST_TEST(error("{\n \"a\": [1,\n  x, 12345678901]}") ==
             "F: line 3 column 3: expected JSON, found \"x, 123456789\"");
  BOOST_TEST(error("x") == "F: line 1 column 1: expected JSON, found \"x\"");
  BOOST_TEST(error("\n7\n 8") == "F: line 3 column 2: expected JSON, found text after the end of the value");
  BOOST_TEST(error("[1") == "F: line 1 column 3: expected JSON, found the end of the text in the middle of a value");
  BOOST_TEST(error("12,").ends_with("found text after the end of the value"));
  BOOST_TEST(error("\"\x01\"").starts_with("F: line 1 column 2: expected JSON, found \"\\u0001\\\"\""));
  BOOST_TEST(error("\"\xff\"") == "F: line 1 column 2: expected JSON, found \"\ufffd\\\"\"");
  BOOST_TEST(error(std::string(32, '[') + std::string(32, ']')) == "no error");
  BOOST_TEST(error(std::string(33, '[') + std::string(33, ']')).ends_with("found more than 32 levels of nesting"));
  const std::string key(50, 'k');
  BOOST_TEST(error("{\"" + key + "\":1,\"a\":2,\"" + key + "\":3}")
                 .ends_with("found the key \"" + key.substr(0, 40) + "\" twice in one object"));
  BOOST_TEST(error("[{\"a\":{\"b\":1}},{\"a\":{\"b\":1},\"b\":[]}]") == "no error");
}

BOOST_AUTO_TEST_CASE(a_whole_number_is_exact_when_it_is_written_in_digits_alone) {
  const auto whole = [](const char* text) { return parse_json(text, "F"); };
  for (const std::uint64_t n : {std::uint64_t(0), std::uint64_t(28), std::uint64_t(9007199254740993u),
                                std::uint64_t(9223372036854775808u), std::uint64_t(18446744073709551615u)}) {
    const Json json = parse_json(std::to_string(n), "F");
    BOOST_TEST_REQUIRE(json.whole(), n);
    BOOST_TEST(*json.whole() == n);
    BOOST_TEST(*json.number() == double(n));
    BOOST_TEST(describe(json) == "the number " + std::to_string(n));
  }
  for (const char* text : {"28.0", "1e2", "1E0", "0.0", "-0", "-1", "18446744073709551616", "1.5"}) {
    BOOST_TEST(!whole(text).whole(), text);
    BOOST_TEST(whole(text).number(), text);
  }
  for (const char* text : {"\"28\"", "null", "true", "[28]", "{}"}) BOOST_TEST(!whole(text).whole(), text);
}

BOOST_AUTO_TEST_CASE(members_come_one_by_one_and_whole) {
  const Visited visited = visit(R"({"a":1,"b":[1,[2]],"c":{"d":{"e":"f"},"g":[]},"h":null,"a":"again"})");
  BOOST_TEST(visited.error == "");
  BOOST_TEST_REQUIRE(visited.members.size() == 5u);
  BOOST_TEST(visited.members[0].name == "a");
  BOOST_TEST(*visited.members[0].value.whole() == 1u);
  BOOST_TEST(*(*(*visited.members[1].value.list())[1].list())[0].whole() == 2u);
  BOOST_TEST(*visited.members[2].value.find("d")->find("e")->text() == "f");
  BOOST_TEST(visited.members[2].value.find("g")->list()->empty());
  BOOST_TEST(describe(visited.members[3].value) == "null");
  BOOST_TEST(visited.members[4].name == "a");
  BOOST_TEST(visit("{}").members.empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_object_has_no_members) {
  BOOST_TEST(visit("[1]").error == "F: expected a JSON object, found a list of 1");
  BOOST_TEST(visit("[{\"a\":1}]").error == "F: expected a JSON object, found a list of 1");
  BOOST_TEST(visit("[1,2,3,4]", 3).error.ends_with("found more than 3 values in one member"));
  BOOST_TEST(visit("[1,2]", 3).error == "F: expected a JSON object, found a list of 2");
  BOOST_TEST(visit("7").error == "F: expected a JSON object, found the number 7");
  BOOST_TEST(visit("").error == "F: expected JSON, found an empty file");
  BOOST_TEST(visit("{\"a\":1").error ==
             "F: line 1 column 7: expected JSON, found the end of the text in the middle of a value");
  BOOST_TEST(visit("{\n \n\"a\":1").error ==
             "F: line 3 column 6: expected JSON, found the end of the text in the middle of a value");
  BOOST_TEST(visit(R"({"a":{"b":1,"b":2}})").error.ends_with("found the key \"b\" twice in one object"));
}

BOOST_AUTO_TEST_CASE(a_member_of_too_many_values_is_refused_and_many_members_are_not) {
  std::string many = "{";
  for (int i = 0; i < 100; ++i) many += "\"m" + std::to_string(i) + "\":[1,2],";
  const Visited visited = visit(many + "\"last\":[1,2]}", 3);
  BOOST_TEST(visited.error == "");
  BOOST_TEST(visited.members.size() == 101u);
  // The place is that of the first value too many, whatever it is.
  for (const char* value : {"3", "[3]", "{}", "\"x\"", "true", "null"}) {
    const Visited more = visit("{\"a\":[1,2,\n  " + std::string(value) + ",4,5],\n\"b\":6}", 3);
    BOOST_TEST(more.error.starts_with("F: line 2 column "), more.error);
    BOOST_TEST(more.members.empty());
  }
  BOOST_TEST(visit(many + "\"last\":[1,2,3]}", 3).error.ends_with("found more than 3 values in one member"));
}

BOOST_AUTO_TEST_CASE(a_quoted_text_is_json_whatever_its_bytes_are) {
  BOOST_TEST(quote("a \"b\"\n\x1b[31m") == R"("a \"b\"\n\u001b[31m")");
  BOOST_TEST(quote("é€😀") == "\"é€😀\"");
  const std::string wrong = "\ufffd";
  BOOST_TEST(quote("a\xff"
                   "b") == "\"a" + wrong + "b\"");
  BOOST_TEST(quote("\xc3") == "\"" + wrong + "\"");
  BOOST_TEST(quote(std::string_view("€").substr(0, 2)) == "\"" + wrong + wrong + "\"");
  BOOST_TEST(quote("\xc0\x80") == "\"" + wrong + wrong + "\"");              // an overlong zero
  BOOST_TEST(quote("\xed\xa0\x80") == "\"" + wrong + wrong + wrong + "\"");  // half of a pair
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text{'x', static_cast<char>(byte), 'y'};
    const Json read = parse_json(quote(text), "F");
    BOOST_TEST(*read.text() == (byte < 128 ? text : "x" + wrong + "y"), byte);
  }
}
