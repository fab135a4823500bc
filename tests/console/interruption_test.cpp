#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <functional>
#include <optional>

import rnn.console.interruption;

using rnn::Interruption;

namespace {

constexpr int signals[] = {SIGINT, SIGTERM, SIGHUP};

/// How another process that does this ends: its exit status, or 128 and the signal that ended it.
int status_of(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int each : signals) ::signal(each, SIG_DFL);
    ::_exit(work());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_first_signal_is_remembered) {
  for (const int number : signals) {
    BOOST_TEST(status_of([=] {
                 const Interruption interruption;
                 if (interruption.signal() != 0) return 1;
                 ::raise(number);
                 return interruption.signal();
               }) == number);
  }
}

BOOST_AUTO_TEST_CASE(the_second_signal_ends_the_program_at_once_whichever_it_is) {
  for (const int first : signals) {
    for (const int second : signals) {
      BOOST_TEST(status_of([=] {
                   const Interruption interruption;
                   ::raise(first);
                   ::raise(second);
                   return 0;
                 }) == 128 + second);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_signal_that_was_ignored_stays_ignored) {
  for (const int number : signals) {
    BOOST_TEST(status_of([=] {
                 ::signal(number, SIG_IGN);
                 const Interruption interruption;
                 ::raise(number);
                 ::raise(number);
                 return interruption.signal();
               }) == 0);
    BOOST_TEST(status_of([=] {  // also by the second signal
                 ::signal(number, SIG_IGN);
                 const Interruption interruption;
                 const int other = number == SIGINT ? SIGTERM : SIGINT;
                 ::raise(other);
                 ::raise(number);
                 return interruption.signal() == other ? 0 : 1;
               }) == 0);
  }
}

BOOST_AUTO_TEST_CASE(afterwards_signals_end_the_program_as_before_and_the_next_one_begins_anew) {
  for (const int number : signals) {
    BOOST_TEST(status_of([=] {
                 {
                   const Interruption interruption;
                 }
                 ::raise(number);
                 return 0;
               }) == 128 + number);
    BOOST_TEST(status_of([=] {
                 std::optional<Interruption> interruption(std::in_place);
                 ::raise(number);
                 interruption.reset();
                 interruption.emplace();
                 return interruption->signal();
               }) == 0);
  }
}
