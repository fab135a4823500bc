// The main of all test programs. Boost.Test's own would have to be compiled without the precompiled header.
#include <signal.h>

#include <boost/test/unit_test.hpp>

namespace {

bool name_the_suite() {
  boost::unit_test::framework::master_test_suite().p_name.value = "unrolled";
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  // Whoever started us may ignore signals, as nohup does; what tests say of signals holds all the same.
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGCHLD}) ::signal(number, SIG_DFL);
  return boost::unit_test::unit_test_main(&name_the_suite, argc, argv);
}
