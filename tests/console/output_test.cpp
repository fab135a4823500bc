#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <string>

#include "../support/processes.hpp"

import rnn.base.end_request;
import rnn.console.output;

using namespace rnn;

namespace {

/// A pipe in the place of standard output or standard error.
struct Pipe {
  explicit Pipe(int file) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("pipe");
    ::dup2(ends[1], file);
    ::close(ends[1]);
    from = ends[0];
  }
  /// What has arrived so far.
  std::string read() const {
    ::fcntl(from, F_SETFL, O_NONBLOCK);
    char buffer[1000];
    const ssize_t got = ::read(from, buffer, sizeof buffer);
    return got > 0 ? std::string(buffer, std::size_t(got)) : "nothing";
  }
  int from;
};

std::string state(const std::ostream& stream) { return stream ? "good" : std::string("bad: ") + std::strerror(errno); }

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_written_arrives_when_it_is_flushed) {
  std::cout << std::flush;  // what a child inherits, it would write
  BOOST_TEST(testing::in_a_child([] {
               const Pipe out(STDOUT_FILENO), err(STDERR_FILENO);
               std::string seen;
               {
                 const PatientOutput patient;
                 std::cout << "a" << 1 << '\n';
                 std::cout.put('b');
                 seen += out.read() + "|";
                 std::cout << std::flush;
                 std::cerr << "error" << std::flush;
                 seen += out.read() + "|" + err.read() + "|";
                 std::cout << "late";
               }
               std::cout << "r" << std::flush;
               return seen + out.read() + "|" + state(std::cout);
             }) == "nothing|a1\nb|error|later|good");
}

BOOST_AUTO_TEST_CASE(a_reader_that_is_gone_makes_the_stream_bad_and_it_stays_so) {
  BOOST_TEST(testing::in_a_child([] {
               const Pipe out(STDOUT_FILENO);
               ::close(out.from);
               std::string seen;
               {
                 const PatientOutput patient;
                 std::cout << "a" << std::flush;
                 seen = state(std::cout);
               }
               return seen + (std::cout ? ", good again" : ", still bad");
             }) == "bad: Broken pipe, still bad");
}

BOOST_AUTO_TEST_CASE(a_reader_that_does_not_read_is_waited_for_until_the_program_is_to_end) {
  BOOST_TEST(testing::in_a_child([] {
               const Pipe out(STDOUT_FILENO);
               ::fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK);
               while (::write(STDOUT_FILENO, "x", 1) == 1) continue;
               const PatientOutput patient;
               request_end(SIGTERM);
               errno = 0;
               std::cout << "a" << std::flush;
               return state(std::cout);
             }) == "bad: Interrupted system call");
}

BOOST_AUTO_TEST_CASE(afterwards_both_streams_write_where_they_did_before) {
  std::streambuf *const out = std::cout.rdbuf(), *const err = std::cerr.rdbuf();
  {
    const PatientOutput patient;
    BOOST_TEST((std::cout.rdbuf() != out && std::cerr.rdbuf() != err));
  }
  BOOST_TEST((std::cout.rdbuf() == out && std::cerr.rdbuf() == err));
}
