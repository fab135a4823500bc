#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <functional>
#include <iostream>
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "../support/program.hpp"

import rnn.base.notice;
import rnn.console.progress;

using namespace rnn;

namespace {

/// What a terminal, or else a pipe, gets to see on standard error while `work` is done.
std::string shown(bool terminal, const std::function<void()>& work) {
  int ends[2];
  if (terminal) {
    ends[0] = ::posix_openpt(O_RDWR | O_NOCTTY);
    testing::check(::grantpt(ends[0]) || ::unlockpt(ends[0]) ? errno : 0, "posix_openpt");
    ends[1] = ::open(::ptsname(ends[0]), O_RDWR | O_NOCTTY);
    termios plain;
    ::tcgetattr(ends[1], &plain);
    ::cfmakeraw(&plain);  // or it would make two characters of a line's end
    ::tcsetattr(ends[1], TCSANOW, &plain);
  } else {
    testing::check(::pipe(ends) ? errno : 0, "pipe");
  }
  std::string text;
  std::thread reader([&] {  // beside the work: a terminal takes some lines, and then waits for who reads them
    std::vector<char> buffer(1 << 12);
    for (ssize_t got; (got = ::read(ends[0], buffer.data(), buffer.size())) > 0;) {
      text.append(buffer.data(), std::size_t(got));
    }
  });
  const int before = ::dup(2);
  ::dup2(ends[1], 2);
  ::close(ends[1]);
  work();
  ::dup2(before, 2);  // nobody can write any more: the reader comes to the end
  reader.join();
  for (const int each : {before, ends[0]}) ::close(each);
  return text;
}

/// Standard error is a terminal of so many columns as long as this lives.
class Terminal {
 public:
  explicit Terminal(std::size_t columns) : before_(::dup(2)), near_(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)) {
    testing::check(near_ < 0 || ::grantpt(near_) || ::unlockpt(near_) ? errno : 0, "posix_openpt");
    const int far = ::open(::ptsname(near_), O_RDWR | O_NOCTTY);
    ::dup2(far, 2);
    ::close(far);
    termios plain;
    ::tcgetattr(2, &plain);
    ::cfmakeraw(&plain);
    plain.c_oflag |= OPOST | ONLCR;
    ::tcsetattr(2, TCSANOW, &plain);
    resize(columns);
  }
  ~Terminal() {
    ::dup2(before_, 2);
    for (const int each : {before_, near_}) ::close(each);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void resize(std::size_t columns) {
    const winsize size{25, static_cast<unsigned short>(columns), 0, 0};
    testing::check(::ioctl(near_, TIOCSWINSZ, &size) ? errno : 0, "TIOCSWINSZ");
  }
  /// What was written since the last time.
  std::string drawn() {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::string text;
    char buffer[4096];
    for (ssize_t got; (got = ::read(near_, buffer, sizeof buffer)) > 0;) text.append(buffer, std::size_t(got));
    return text;
  }

 private:
  int before_, near_;
};

/// What a terminal makes of the bytes that it gets.
class Screen {
 public:
  explicit Screen(std::size_t columns) : columns_(columns) {}

  void show(const std::string& bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] == '\x1b') {
        const std::size_t end = bytes.find_first_of("JKm", i);
        obey(bytes[end]);
        i = end;
      } else if (bytes[i] == '\r') {
        column_ = 0;
      } else if (bytes[i] == '\n') {
        column_ = std::min(column_, columns_ - 1);
        if (++row_ == rows_.size()) rows_.emplace_back();
      } else {
        put(bytes[i]);
      }
    }
  }

  /// `breaks_lines`: lines that have become too long go on in the next row, and the cursor stays with its character.
  void resize(std::size_t columns, bool breaks_lines) {
    columns_ = columns;
    if (!breaks_lines) {
      for (Row& row : rows_) row.text.resize(std::min(row.text.size(), columns_)), row.goes_on = false;
      column_ = std::min(column_, columns_ - 1);
      return;
    }
    std::vector<std::string> whole(1);  // lines as they were before rows were made of them
    std::size_t line = 0, offset = 0;   // of the cursor
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (i == row_) line = whole.size() - 1, offset = whole.back().size() + column_;
      whole.back() += rows_[i].text;
      if (!rows_[i].goes_on && i + 1 < rows_.size()) whole.emplace_back();
    }
    rows_.clear();
    for (std::size_t i = 0; i < whole.size(); ++i) {
      if (i == line) row_ = rows_.size() + offset / columns_, column_ = offset % columns_;
      for (std::size_t begin = 0; begin == 0 || begin < whole[i].size(); begin += columns_) {
        rows_.push_back({whole[i].substr(begin, columns_), begin + columns_ < whole[i].size()});
      }
    }
    while (row_ >= rows_.size()) rows_.emplace_back();
  }

  /// The rows without blanks at their ends, and without empty rows at the end.
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    for (const Row& row : rows_) lines.push_back(row.text.substr(0, row.text.find_last_not_of(' ') + 1));
    while (!lines.empty() && lines.back().empty()) lines.pop_back();
    return lines;
  }
  std::string text() const {
    std::string text;
    for (const std::string& line : lines()) text += line + "\n";
    return text;
  }

 private:
  struct Row {
    std::string text;
    bool goes_on = false;  // in the next row
  };

  void put(char character) {
    if (column_ == columns_) {  // behind the last one: only now it goes to the next row
      rows_[row_].goes_on = true;
      column_ = 0;
      if (++row_ == rows_.size()) rows_.emplace_back();
    }
    std::string& text = rows_[row_].text;
    if (text.size() <= column_) text.resize(column_ + 1, ' ');
    text[column_++] = character;
  }
  void obey(char command) {
    if (command == 'm') return;
    Row& row = rows_[row_];
    row.text.resize(std::min(row.text.size(), std::min(column_, columns_ - 1)));
    row.goes_on = false;
    if (command == 'J') rows_.resize(row_ + 1);
  }

  std::size_t columns_, row_ = 0, column_ = 0;
  std::vector<Row> rows_{1};
};

/// The environment of one test: a terminal of this kind that may show colors, unless told otherwise.
struct Environment {
  explicit Environment(const char* term, const char* no_color = "") {
    ::setenv("TERM", term, 1);
    ::setenv("NO_COLOR", no_color, 1);  // an empty one counts for nothing
  }
};

/// Two epochs of ten steps, the first of them done.
void one_epoch(bool quiet) {
  Progress progress(quiet, 2, 10, 100);
  for (int step = 1; step <= 10; ++step) progress.update(0, std::size_t(step), 0.5);
}

const std::string green = "\x1b[32m", beginning_of_the_line = "\r", rest_of_the_screen_gone = "\x1b[J";

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_AUTO_TEST_CASE(a_line_tells_how_far_it_is_how_fast_and_how_long_it_still_takes) {
  const ProgressState state{
      .epoch = 2, .epochs = 100, .step = 27, .steps = 54, .loss = 0.43124, .rate = 61233.7, .seconds_left = 125};
  BOOST_TEST(progress_line(state, false) ==
             "epoch 3/100 [##########..........] 27/54  loss 0.4312  61234/s  2:05 left");
  ProgressState later = state;
  later.seconds_left = 3725;
  BOOST_TEST(progress_line(later, false).ends_with("  1:02:05 left"));
  for (const auto& [seconds, shown] : {std::pair(0.4, "0:00"),
                                       {59.4, "0:59"},
                                       {59.5, "1:00"},
                                       {3599.4, "59:59"},
                                       {3599.5, "1:00:00"},
                                       {7384.0, "2:03:04"}}) {
    later.seconds_left = seconds;
    BOOST_TEST(progress_line(later, false).ends_with("  " + std::string(shown) + " left"), seconds);
  }
  later.rate = 0;
  BOOST_TEST(progress_line(later, false).ends_with("loss 0.4312"));
  later.step = later.steps = 0;
  BOOST_TEST(contains(progress_line(later, false), "[####################] 0/0"));
  later.loss = -std::numeric_limits<double>::quiet_NaN();
  BOOST_TEST(progress_line(later, false).ends_with("loss nan"));
}

BOOST_AUTO_TEST_CASE(a_line_is_never_longer_than_asked_for_and_keeps_what_matters_most) {
  const ProgressState state{.epoch = 99998,
                            .epochs = 100000,
                            .step = 12345,
                            .steps = 54321,
                            .loss = 123456.4312,
                            .rate = 1234567,
                            .seconds_left = 1e6};
  const std::string begin = "epoch 99999/100000 ", counts = "12345/54321", loss = "  loss 123456.4312";
  const std::string rate = "  1234567/s", left = "  277:46:40 left", all = counts + loss + rate + left;
  const std::vector<std::string> lines{begin + "[####................] " + all,
                                       begin + "[##........] " + all,
                                       begin + "[#....] " + all,
                                       begin + all,
                                       begin + counts + loss + left,
                                       begin + counts + loss,
                                       begin + counts};
  for (std::size_t columns = 0; columns <= lines[0].size() + 3; ++columns) {
    const std::string line = progress_line(state, false, columns);
    const auto fits = std::ranges::find_if(lines, [&](const std::string& each) { return each.size() <= columns; });
    BOOST_TEST(line == (fits == lines.end() ? lines.back().substr(0, columns) : *fits));
    const std::string colored = progress_line(state, true, columns);
    BOOST_TEST(contains(colored, "\x1b") == contains(line, "["), colored);
  }
}

BOOST_AUTO_TEST_CASE(only_the_bar_is_colored) {
  const ProgressState state{.epoch = 0, .epochs = 1, .step = 1, .steps = 2};
  std::string line = progress_line(state, true);
  BOOST_TEST(contains(line, green + "##########\x1b[0m.........."), line);
  BOOST_TEST(progress_line(state, false).find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_terminal_gets_one_line_drawn_in_place_and_taken_away_at_the_end) {
  const Environment terminal("xterm");
  const std::string text = shown(true, [] { one_epoch(false); });
  BOOST_TEST(text.starts_with(beginning_of_the_line + "epoch 1/2 ["), text);
  BOOST_TEST(contains(text, green), text);
  BOOST_TEST(text.ends_with(beginning_of_the_line + rest_of_the_screen_gone), text);
  BOOST_TEST(std::ranges::count(text, '\n') == 0);
  // The steps took no time: it is drawn once and taken away once.
  BOOST_TEST(std::ranges::count(text, 'J') == 2);
}

BOOST_AUTO_TEST_CASE(a_narrow_terminal_shows_one_line_and_nothing_in_the_end) {
  const Environment xterm("xterm");
  for (const std::size_t columns : {20, 25, 40, 60, 75, 76, 77, 80}) {
    Screen screen(columns);
    Terminal terminal(columns);
    std::cerr << "before\r\n" << std::flush;
    {
      Progress progress(false, 100000, 54321, 100);
      for (std::size_t step = 54319; step <= 54321; ++step) {
        progress.update(99998, step, 0.5);
        screen.show(terminal.drawn());
        BOOST_TEST(screen.lines().size() == 2u, columns << " columns: " << screen.text());
        BOOST_TEST(contains(screen.lines().back(), std::string("epoch 99999/100000").substr(0, columns - 1)));
        if (columns == 25) BOOST_TEST(screen.lines().back() == "epoch 99999/100000 " + std::to_string(step));
        std::this_thread::sleep_for(std::chrono::milliseconds(101));
      }
    }
    screen.show(terminal.drawn());
    BOOST_TEST(screen.text() == "before\n", columns << " columns");
  }
}

BOOST_AUTO_TEST_CASE(a_window_that_changes_its_size_shows_one_line_all_the_same) {
  const Environment xterm("xterm");
  for (const bool breaks_lines : {true, false}) {  // when it gets narrower: some terminals do, others cut them
    Screen screen(100);
    Terminal terminal(100);
    std::cerr << "before\r\n" << std::flush;
    {
      Progress progress(false, 100000, 54321, 100);
      for (const std::size_t columns : {100, 60, 25, 90, 30, 120, 40}) {
        screen.show(terminal.drawn());
        terminal.resize(columns);
        screen.resize(columns, breaks_lines);
        progress.update(99998, 54320, 0.5);
        screen.show(terminal.drawn());
        BOOST_TEST(screen.lines().size() == 2u, columns << " columns: " << screen.text());
        BOOST_TEST(screen.lines().front() == "before");
        std::this_thread::sleep_for(std::chrono::milliseconds(101));
      }
      terminal.resize(15);
      screen.resize(15, breaks_lines);
    }
    screen.show(terminal.drawn());
    BOOST_TEST(screen.text() == "before\n");
  }
}

BOOST_AUTO_TEST_CASE(a_notice_takes_the_place_of_the_line) {
  const Environment xterm("xterm");
  Screen screen(80);
  Terminal terminal(80);
  Progress progress(false, 10, 10, 100);
  progress.update(0, 1, 0.5);
  notice("something to know");
  screen.show(terminal.drawn());
  BOOST_TEST(screen.text() == "something to know\n");
  const std::string silent = shown(true, [] {
    Progress quiet(true, 10, 10, 100);
    notice("something else to know");
  });
  BOOST_TEST(silent == "");
}

BOOST_AUTO_TEST_CASE(a_terminal_is_drawn_on_ten_times_a_second_at_most) {
  const Environment terminal("xterm");
  const auto begin = std::chrono::steady_clock::now();
  const std::string text = shown(true, [] {
    Progress progress(false, 1, 250, 1);
    for (std::size_t step = 1; step <= 250; ++step) {
      progress.update(0, step, 1);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  const auto tenths = (std::chrono::steady_clock::now() - begin) / std::chrono::milliseconds(100);
  const auto times = std::ranges::count(text, 'h');  // one in each "epoch"
  BOOST_TEST(times >= 2, text);
  BOOST_TEST(times <= tenths + 1, text);
}

BOOST_AUTO_TEST_CASE(no_color_and_a_dumb_terminal_are_respected) {
  {
    const Environment without("xterm", "1");
    const std::string text = shown(true, [] { one_epoch(false); });
    BOOST_TEST(contains(text, "epoch 1/2 [##"), text);
    BOOST_TEST(!contains(text, green), text);
  }
  const Environment dumb("dumb");
  const std::string text = shown(true, [] { one_epoch(false); });
  BOOST_TEST(text.find('\x1b') == std::string::npos, text);
  BOOST_TEST(text.find('\r') == std::string::npos, text);
  BOOST_TEST(contains(text, "epoch 1/2 ["), text);
}

BOOST_AUTO_TEST_CASE(a_pipe_gets_a_plain_line_at_the_end_of_an_epoch_and_at_most_one_a_second) {
  const Environment terminal("xterm");
  const std::string text = shown(false, [] {
    Progress progress(false, 3, 10, 100);
    for (std::size_t epoch = 0; epoch < 3; ++epoch)
      for (std::size_t step = 1; step <= 10; ++step) progress.update(epoch, step, 0.5);
  });
  BOOST_TEST(text.starts_with("epoch 1/3 [####################] 10/10  loss 0.5000  "), text);
  BOOST_TEST(text.ends_with(" left\n"), text);
  BOOST_TEST(std::ranges::count(text, '\n') == 1, text);
  BOOST_TEST(text.find('\x1b') == std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(quiet_says_nothing) {
  const Environment terminal("xterm");
  for (const bool on_a_terminal : {true, false}) BOOST_TEST(shown(on_a_terminal, [] { one_epoch(true); }) == "");
}

BOOST_AUTO_TEST_CASE(speed_and_time_left_are_those_of_all_steps_so_far) {
  const Environment terminal("xterm");
  double least = 0, most = 0;
  const std::string text = shown(false, [&] {
    const auto seconds = [begin = std::chrono::steady_clock::now()] {
      return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    Progress progress(false, 30, 10, 100);
    const double begun = seconds();
    progress.update(4, 9, 0.5);  // not yet at the end of the epoch
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    least = seconds() - begun;
    progress.update(4, 10, 0.25);
    most = seconds();
  });
  BOOST_TEST(text.starts_with("epoch 5/30 [####################] 10/10  loss 0.2500  "), text);
  // 200 examples so far; of 30 epochs of 10 steps, 250 steps are left.
  const double rate = std::stod(text.substr(text.find("0.2500") + 8));
  BOOST_TEST((rate >= 200 / most - 1 && rate <= 200 / least + 1), text << least << " to " << most << " seconds");
  const std::string left = text.substr(text.find("/s") + 4);
  const double seconds_left = 60 * std::stod(left) + std::stod(left.substr(left.find(':') + 1));
  BOOST_TEST((seconds_left >= 125 * least - 1 && seconds_left <= 125 * most + 1), text);
}
