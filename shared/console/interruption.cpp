module;
#include <signal.h>

#include <initializer_list>

module rnn.console.interruption;

namespace rnn {

static volatile sig_atomic_t received = 0;

static void remember(int number) {
  received = number;
  for (const int each : {SIGINT, SIGTERM}) ::signal(each, SIG_DFL);
}

Interruption::Interruption() {
  received = 0;
  struct sigaction action = {};
  action.sa_handler = remember;
  action.sa_flags = SA_RESTART;  // what is being written is written to its end
  for (const int each : {SIGINT, SIGTERM}) ::sigaction(each, &action, nullptr);
}

Interruption::~Interruption() {
  for (const int each : {SIGINT, SIGTERM}) ::signal(each, SIG_DFL);
}

int Interruption::signal() const { return received; }

}  // namespace rnn
