#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "../support/chapter.hpp"

import rnn.base.error;
import rnn.data.melody;
import rnn.formats.abc;
import rnn.formats.staves;

using namespace rnn;

namespace {

const Melody tune{"A tune", {}, {}, 120, {{60, ticks_of_quarter}}, {}};

/// What comes of it in a folder where abcm2ps is this script.
std::optional<std::string> staves(const std::string& script) {
  const testing::Folder folder;
  if (!script.empty()) {
    folder.file("abcm2ps", "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(folder / "abcm2ps", std::filesystem::perms::all);
  }
  ::setenv("PATH", std::string(folder / "").c_str(), 1);
  return format_staves(tune, "tune.svg");
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_abcm2ps_draws_of_the_tune_is_kept_without_the_line_that_says_when) {
  BOOST_TEST(staves("/bin/cat").value_or("nothing") == format_abc(tune));
  BOOST_TEST(staves("echo '<svg>'; echo '<!-- CreationDate: today -->'; echo $*").value_or("nothing") ==
             "<svg>\n-q -g -O - -\n");
}

BOOST_AUTO_TEST_CASE(where_abcm2ps_is_missing_there_is_nothing) { BOOST_TEST(!staves("").has_value()); }

BOOST_AUTO_TEST_CASE(a_failure_is_said_with_the_name_of_the_file) {
  try {
    staves("exit 3");
    BOOST_ERROR("no error");
  } catch (const FileError& error) {
    BOOST_TEST(error.what() == "tune.svg: cannot be drawn: abcm2ps failed");
  }
}
