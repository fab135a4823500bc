module;
#include <chrono>
#include <cstddef>
#include <limits>
#include <string>

/// How far long work has come, for a person who waits.
export module rnn.console.progress;

import rnn.base.notice;

export namespace rnn {

/// What a line of progress tells.
struct ProgressState {
  std::size_t epoch = 0, epochs = 0;  // this one, from 0, of so many
  std::size_t step = 0, steps = 0;    // done in this epoch, of so many
  double loss = 0;                    // of the last step
  double rate = 0;                    // examples a second; 0: not known yet
  double seconds_left = 0;            // to the very end
};

/// "epoch 3/100 [######......] 27/55  loss 0.4312  61234/s  2:05 left"; the bar in color when asked for. Where that is
/// more than `columns` characters, the bar is made shorter and the least important parts are left out.
std::string progress_line(const ProgressState& state, bool color,
                          std::size_t columns = std::numeric_limits<std::size_t>::max());

/// Writes progress to standard error: on a terminal one line that is drawn again in place, however narrow the window is
/// or becomes, elsewhere a plain line at the end of an epoch, at most one a second. Never colors where NO_COLOR is set,
/// never moves the cursor where TERM is dumb. As long as it lives, a notice takes the line's place.
class Progress {
 public:
  /// `quiet`: writes nothing at all.
  Progress(bool quiet, std::size_t epochs, std::size_t steps, std::size_t examples_in_a_step);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// So many steps of this epoch are done. Cheap: it draws ten times a second at most.
  void update(std::size_t epoch, std::size_t step, double loss);
  /// Takes the line away, so that something else can be printed.
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
