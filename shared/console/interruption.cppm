/// Signals that end a program, taken as requests: Ctrl-C (SIGINT), SIGTERM by which a system ends programs, and SIGHUP
/// of a terminal that was closed.
export module rnn.console.interruption;

export namespace rnn {

/// As long as it lives, the first of these signals is only remembered; a second one ends the program at once, as usual.
/// A signal that was ignored when the program began (as nohup does with SIGHUP) stays ignored. There may be one at a
/// time.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// The signal that came, 0 as long as there was none.
  int signal() const;
};

}  // namespace rnn
