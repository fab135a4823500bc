/// Whether a signal has asked this program to end. Signal handlers record it here, and code that may wait for a long
/// time checks it: a program that is ending does not wait for a reader that never comes.
export module rnn.base.end_request;

export namespace rnn {

/// Records the signal's number; 0 clears it. May be called by a signal handler.
void request_end(int signal) noexcept;

/// The signal's number; 0 if there was none.
int end_requested() noexcept;

}  // namespace rnn
