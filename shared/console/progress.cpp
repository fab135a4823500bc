module;
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <iostream>
#include <iterator>
#include <string>

module rnn.console.progress;

import rnn.base.notice;
import rnn.console.terminal;

namespace rnn {

static std::string duration(double seconds) {
  const auto whole = static_cast<unsigned long>(seconds + 0.5);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

namespace {

/// The parts of a line, of which not all are always shown.
struct Parts {
  std::size_t bar;  // characters between the brackets; 0: no bar
  bool loss = true, rate = true, left = true;
};

std::string line_of(const ProgressState& state, bool color, const Parts& parts) {
  std::string line = fmt::format("epoch {}/{} ", state.epoch + 1, state.epochs);
  if (parts.bar > 0) {
    const std::size_t full = state.steps == 0 ? parts.bar : state.step * parts.bar / state.steps;
    const std::string bar(full, '#');
    line += fmt::format("[{}{}] ", color ? "\x1b[32m" + bar + "\x1b[0m" : bar, std::string(parts.bar - full, '.'));
  }
  line += fmt::format("{}/{}", state.step, state.steps);
  if (parts.loss) line += fmt::format("  loss {:.4f}", std::isnan(state.loss) ? std::abs(state.loss) : state.loss);
  if (state.rate <= 0) return line;
  if (parts.rate) line += fmt::format("  {:.0f}/s", state.rate);
  if (parts.left) line += fmt::format("  {} left", duration(state.seconds_left));
  return line;
}

}  // namespace

std::string progress_line(const ProgressState& state, bool color, std::size_t columns) {
  const Parts choices[] = {{20}, {10}, {5}, {0}, {0, true, false}, {0, true, false, false}, {0, false, false, false}};
  for (const Parts& parts : choices) {
    if (line_of(state, false, parts).size() <= columns) return line_of(state, color, parts);
  }
  return line_of(state, false, choices[std::size(choices) - 1]).substr(0, columns);
}

Progress::Progress(bool quiet, std::size_t epochs, std::size_t steps, std::size_t examples_in_a_step)
    : quiet_(quiet),
      examples_(examples_in_a_step),
      begin_(Clock::now()),
      drawn_(begin_ - std::chrono::hours(1)),
      notices_([this](const std::string&) {
        clear();
        return quiet_;
      }) {
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
  draw();
}

// The cursor goes back to the line's beginning. When the window is made narrower, a terminal that breaks the line into
// several keeps the cursor there, so the next line is drawn over the first of them; the others are below, and erased.
void Progress::draw() {
  if (!terminal_) {
    std::cerr << progress_line(state_, false) + "\n" << std::flush;
    return;
  }
  // One column stays free: after a full line, terminals disagree about where the cursor is.
  const std::size_t columns = std::max<std::size_t>(columns_of(STDERR_FILENO), 2) - 1;
  std::cerr << "\r" + progress_line(state_, color_, columns) + "\x1b[J\r" << std::flush;
  visible_ = true;
}

void Progress::clear() {
  if (visible_) std::cerr << "\r\x1b[J" << std::flush;
  visible_ = false;
}

}  // namespace rnn
