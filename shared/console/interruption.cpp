module;
#include <signal.h>

module rnn.console.interruption;

import rnn.base.end_request;

namespace rnn {

static constexpr int signals[] = {SIGINT, SIGTERM, SIGHUP};

static void remember(int number);

static bool is_remembered(int number) {
  struct sigaction action = {};
  ::sigaction(number, nullptr, &action);
  return action.sa_handler == remember;
}

static void remember(int number) {
  request_end(number);
  for (const int each : signals) {
    if (is_remembered(each)) ::signal(each, SIG_DFL);
  }
}

Interruption::Interruption() {
  request_end(0);
  for (const int each : signals) {
    struct sigaction action = {};
    ::sigaction(each, nullptr, &action);
    if (action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = remember;
    action.sa_flags = SA_RESTART;  // a write that has begun is finished
    ::sigaction(each, &action, nullptr);
  }
}

Interruption::~Interruption() {
  for (const int each : signals) {
    if (is_remembered(each)) ::signal(each, SIG_DFL);
  }
}

int Interruption::signal() const { return end_requested(); }

}  // namespace rnn
