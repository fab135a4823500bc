#pragma once
// Calls of the system that fail when a test wants them to.

#include <cerrno>
#include <deque>

namespace rnn::testing {

/// Whether a call is to fail now: it takes the next of the errors for errno, if there is one.
inline bool is_refused(std::deque<int>& errors) {
  if (errors.empty()) return false;
  errno = errors.front();
  errors.pop_front();
  return true;
}

}  // namespace rnn::testing
