#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "../support/chapter.hpp"
#include "../support/processes.hpp"

import rnn.formats.csv;

using namespace rnn;
using testing::Folder;

BOOST_AUTO_TEST_CASE(a_table_is_its_header_and_the_rows_in_their_order) {
  const Folder folder;
  folder.file("a", "an older table\n");
  CsvTable table(folder / "a", "x,y");
  BOOST_TEST(folder.read("a") == "x,y\n");
  table.append({"1,2", "3,4"});
  table.append({});
  table.append({"5,6"});
  BOOST_TEST(folder.read("a") == "x,y\n1,2\n3,4\n5,6\n");
}

BOOST_AUTO_TEST_CASE(a_reader_of_a_pipe_gets_the_whole_table) {
  const Folder folder;
  BOOST_TEST_REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  testing::Child reader([&] {
    std::ostringstream text;
    text << std::ifstream(folder / "pipe").rdbuf();
    return text.str();
  });
  {
    CsvTable table(folder / "pipe", "x,y");
    ::usleep(50'000);
    table.append({"1,2"});
  }
  BOOST_TEST(reader.answer() == "x,y\n1,2\n");
}
