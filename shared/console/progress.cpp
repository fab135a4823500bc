module;
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <iostream>
#include <string>

module rnn.console.progress;

import rnn.console.terminal;

namespace rnn {

static std::string duration(double seconds) {
  const auto whole = static_cast<unsigned long>(seconds + 0.5);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string progress_line(const ProgressState& state, bool color) {
  constexpr std::size_t width = 20;
  const std::size_t full = state.steps == 0 ? width : state.step * width / state.steps;
  const std::string bar = std::string(full, '#');
  std::string line = fmt::format("epoch {}/{} [{}{}] {}/{}  loss {:.4f}", state.epoch + 1, state.epochs,
                                 color ? "\x1b[32m" + bar + "\x1b[0m" : bar, std::string(width - full, '.'), state.step,
                                 state.steps, state.loss);
  if (state.rate > 0) line += fmt::format("  {:.0f}/s  {} left", state.rate, duration(state.seconds_left));
  return line;
}

Progress::Progress(bool quiet, std::size_t epochs, std::size_t steps, std::size_t examples_in_a_step)
    : quiet_(quiet), examples_(examples_in_a_step), begin_(Clock::now()), drawn_(begin_ - std::chrono::hours(1)) {
  terminal_ = is_terminal(STDERR_FILENO);
  color_ = is_colorful(STDERR_FILENO);
  state_.epochs = epochs;
  state_.steps = steps;
}

Progress::~Progress() { clear(); }

void Progress::update(std::size_t epoch, std::size_t step, double loss) {
  ++done_;
  if (quiet_) return;
  const Clock::time_point now = Clock::now();
  if (now - drawn_ < std::chrono::milliseconds(terminal_ ? 100 : 1000)) return;
  if (!terminal_ && step != state_.steps) return;
  drawn_ = now;
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  const double left = double(state_.epochs - epoch) * double(state_.steps) - double(step);
  state_.epoch = epoch;
  state_.step = step;
  state_.loss = loss;
  state_.rate = double(done_ * examples_) / seconds;
  state_.seconds_left = left * seconds / double(done_);
  const std::string line = progress_line(state_, color_);
  std::cerr << (terminal_ ? "\r" + line + "\x1b[K" : line + "\n") << std::flush;
  visible_ = terminal_;
}

void Progress::clear() {
  if (visible_) std::cerr << "\r\x1b[K" << std::flush;
  visible_ = false;
}

}  // namespace rnn
