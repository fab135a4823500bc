/// Whether a signal has asked this program to end. Whoever catches signals notes it here, and what may wait for long
/// looks here: nothing waits for a reader that never comes once the program is to end.
export module rnn.base.end_request;

export namespace rnn {

/// Notes the signal's number; 0 takes it back. May be called by a signal handler.
void request_end(int signal) noexcept;

/// The signal's number, 0 as long as there was none.
int end_requested() noexcept;

}  // namespace rnn
