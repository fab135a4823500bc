/// Shows how far a long run has come.
export module rnn.console.progress;

import rnn.base.notice;
import rnn.base.std;

export namespace rnn {

/// What a progress line shows.
struct ProgressState {
  std::size_t epoch = 0, epochs = 0;  // the current one, from 0, and how many there are
  std::size_t step = 0, steps = 0;    // done in this epoch, and how many there are
  double loss = 0;                    // of the last step
  double rate = 0;                    // examples a second; 0: not known yet
  double seconds_left = 0;            // to the very end
};

/// "epoch 3/100 [######......] 27/55  loss 0.4312  61234/s  2:05 left"; the bar in color when asked for. If that is
/// more than `columns` characters, the bar is made shorter and the least important parts are left out.
std::string progress_line(const ProgressState& state, bool color,
                          std::size_t columns = std::numeric_limits<std::size_t>::max());

/// Writes progress to standard error: on a terminal, one line that is redrawn in place, however narrow the window is or
/// becomes; elsewhere a plain line at the end of an epoch, at most one a second. No colors if NO_COLOR is set, and no
/// cursor movement if TERM is dumb. While it lives, notices take the line's place.
class Progress {
 public:
  /// `quiet`: writes nothing at all.
  Progress(bool quiet, std::size_t epochs, std::size_t steps, std::size_t examples_in_a_step);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Reports how many steps of this epoch are done. Cheap: it draws at most ten times a second.
  void update(std::size_t epoch, std::size_t step, double loss);
  /// Erases the line, so that something else can be printed.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  void draw();

  bool quiet_, terminal_, color_;
  std::size_t examples_;
  ProgressState state_;
  std::size_t done_ = 0;  // steps that this program made
  Clock::time_point begin_, drawn_;
  bool visible_ = false;
  NoticeReceiver notices_;
};

}  // namespace rnn
