#include <boost/test/unit_test.hpp>
#include <string>

import rnn.base.caller;

using namespace rnn;

BOOST_AUTO_TEST_CASE(a_wrong_call_says_its_problem_and_its_place_from_the_top_of_the_sources) {
  const int line = __LINE__ + 1;
  const CallError error("f: a must be 2x3", Caller::current());
  BOOST_TEST(error.what() == std::string("f: a must be 2x3"));
  BOOST_TEST(error.place() == "tests/base/caller_place_test.cpp:" + std::to_string(line));
}
