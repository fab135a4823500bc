module;
#include <csignal>

module rnn.base.end_request;

namespace rnn {

static volatile std::sig_atomic_t requested = 0;

void request_end(int signal) noexcept { requested = signal; }
int end_requested() noexcept { return requested; }

}  // namespace rnn
