#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>

#include "../support/chapter.hpp"
#include "../support/processes.hpp"

import rnn.base.error;
import rnn.base.file;
import rnn.console.interruption;

using namespace rnn;
using namespace std::chrono_literals;
using testing::Child;

BOOST_AUTO_TEST_CASE(the_first_signal_ends_a_write_that_nobody_reads) {
  const testing::Folder folder;
  BOOST_TEST_REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    Child writer([&]() -> std::string {
      ::signal(signal, SIG_DFL);
      const Interruption interruption;
      try {
        replace_file(folder / "pipe", "weights");
      } catch (const FileError& error) {
        return error.what();
      }
      return "written";
    });
    BOOST_TEST(writer.answer(300ms) == "still running");
    ::kill(writer.pid(), signal);
    BOOST_TEST(writer.answer(10s) ==
               folder / "pipe" + ": cannot be written: nobody reads it, and the program was asked to end");
  }
}
