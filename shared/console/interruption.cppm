/// Treats signals that end a program as requests: Ctrl-C (SIGINT), SIGTERM, with which a system ends programs, and
/// SIGHUP, from a terminal that was closed.
export module rnn.console.interruption;

export namespace rnn {

/// While it lives, the first of these signals is only remembered; a second one ends the program at once, as usual. A
/// signal that was ignored when the program began (as nohup does with SIGHUP) stays ignored. Only one may exist at a
/// time.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// The signal that arrived; 0 if none did.
  int signal() const;
};

}  // namespace rnn
