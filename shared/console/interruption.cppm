/// Ctrl-C, and SIGTERM by which a system ends programs, as a wish instead of an end.
export module rnn.console.interruption;

export namespace rnn {

/// As long as it lives, the first SIGINT or SIGTERM is only remembered; a second one ends the program at once, as ever.
/// There may be one at a time.
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
