#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
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

}  // namespace

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
