#include <boost/test/unit_test.hpp>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

import rnn.base.notice;

using namespace rnn;
using boost::test_tools::per_element;

namespace {

using Lines = std::vector<std::string>;

/// What is written to standard error meanwhile.
struct Errors {
  Errors() : before(std::cerr.rdbuf(text.rdbuf())) {}
  ~Errors() { std::cerr.rdbuf(before); }
  std::ostringstream text;
  std::streambuf* before;
};

}  // namespace

BOOST_AUTO_TEST_CASE(without_a_receiver_each_line_is_printed_once) {
  const Errors errors;
  notice("printed");
  notice("printed");
  notice("no\x1b[2J");
  BOOST_TEST(errors.text.str() == "printed\nno\\x1b[2J\n");
}

BOOST_AUTO_TEST_CASE(the_latest_receiver_is_asked_first_and_may_pass_a_line_on) {
  const Errors errors;
  Lines first, second;
  {
    const NoticeReceiver one([&](const std::string& line) { return first.push_back(line), line != "for nobody"; });
    notice("a");
    {
      const NoticeReceiver two([&](const std::string& line) { return second.push_back(line), line == "b"; });
      notice("b");
      notice("c");
      notice("for nobody");
      notice("a");  // was reported before
    }
    notice("d");
  }
  notice("e");
  BOOST_TEST(first == (Lines{"a", "c", "for nobody", "d"}), per_element());
  BOOST_TEST(second == (Lines{"b", "c", "for nobody"}), per_element());
  BOOST_TEST(errors.text.str() == "for nobody\ne\n");
}
