#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>
#include <vector>

import rnn.base.filter;

using namespace rnn;
using namespace std::chrono_literals;

namespace {

Filtered run(const std::string& script, const std::string& input = "", std::chrono::milliseconds limit = 60s) {
  return filter({"sh", "-c", script}, input, limit);
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_a_program_writes_comes_back) {
  std::string large;
  while (large.size() < 1'000'000) large += std::to_string(large.size()) + '\n';
  for (const std::string& input : {std::string(), std::string("a\0b", 3), large}) {
    const auto [end, text] = filter({"cat"}, input, 60s);
    BOOST_TEST((end == Filtered::End::done));
    BOOST_TEST((text == input));
  }
  BOOST_TEST(filter({"printf", "%s|", "two words", ""}, "", 60s).text == "two words||");
}

BOOST_AUTO_TEST_CASE(what_it_says_on_standard_error_is_discarded) {
  BOOST_TEST(run("echo said >&2; echo written").text == "written\n");
}

BOOST_AUTO_TEST_CASE(a_program_that_fails_or_is_killed_has_failed) {
  for (const char* script : {"echo written; exit 1", "kill -9 $$"}) {
    const auto [end, text] = run(script);
    BOOST_TEST((end == Filtered::End::failed), script);
    BOOST_TEST(text == "");
  }
}

BOOST_AUTO_TEST_CASE(a_program_that_is_not_there_is_not_found_and_why) {
  const auto [end, text] = filter({"no-such-program"}, "", 60s);
  BOOST_TEST((end == Filtered::End::not_found));
  BOOST_TEST(text == "No such file or directory");
  BOOST_TEST(filter({"/etc/passwd"}, "", 60s).text == "Permission denied");
}

BOOST_AUTO_TEST_CASE(a_program_that_takes_too_long_is_ended) {
  const auto begin = std::chrono::steady_clock::now();
  BOOST_TEST((run("exec sleep 100", "", 50ms).end == Filtered::End::too_late));
  const auto took = std::chrono::steady_clock::now() - begin;
  BOOST_TEST((took >= 50ms && took < 30s));
}
