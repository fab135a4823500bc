module;
#include <fmt/format.h>

#include <cstdint>
#include <vector>

// From paper to time: repeats, bars, ties.
module rnn.formats.abc;

import rnn.data.melody;

namespace rnn::abc {

namespace {

/// Plays a piece: at each bar line it knows from where a repeat begins and for which time it is played.
class Player {
 public:
  explicit Player(const std::vector<Item>& items) : items_(items) {}

  std::vector<Item> play() {
    std::vector<Item> result;
    while (at_ < items_.size()) {
      const Item& item = items_[at_++];
      if (item.kind == Item::Kind::ending) {
        enter_ending(item);
      } else {
        result.push_back(item);
        if (result.size() > most_items) throw Problem{"expected at most 200000 notes and signs, found more"};
        if (item.kind == Item::Kind::bar) pass_bar(item);
      }
    }
    return result;
  }

 private:
  void begin_section(bool marked) {
    start_ = at_;
    pass_ = 1;
    marked_ = marked;
    endings_are_over_ = false;
    most_passes_ = 2;
  }

  // A repeat goes back to its beginning: |:, else the last :|, or the last double bar line.
  void pass_bar(const Item& bar) {
    if (bar.closes && wants_another_pass()) {
      ++pass_;
      at_ = start_;
      in_ending_ = false;
      return;
    }
    if (bar.closes || bar.opens) return begin_section(bar.opens);
    if (bar.thick && (!marked_ || (in_ending_ && pass_ > 1))) begin_section(false);
  }

  // Twice; a third time and more only where there is an ending for it.
  bool wants_another_pass() {
    if (at_ < items_.size() && items_[at_].kind == Item::Kind::ending) note_passes(items_[at_]);
    return pass_ == 1 || pass_ < most_passes_;
  }
  void note_passes(const Item& ending) {
    for (std::uint32_t pass = most_passes_ + 1; pass <= 9; ++pass) {
      if ((ending.endings >> pass & 1) != 0) most_passes_ = pass;
    }
  }

  // An ending of another pass is skipped: up to that of this one, where there is one.
  void enter_ending(const Item& ending) {
    in_ending_ = true;
    note_passes(ending);
    if ((ending.endings >> pass_ & 1) != 0 || endings_are_over_) return;
    // Nobody looks further than a tune could mean: each place is looked at a few times only.
    std::uint32_t closed = 0;
    for (std::size_t i = at_; i < items_.size() && closed < 9; ++i) {
      const Item& item = items_[i];
      closed += item.closes;
      if (item.opens || (item.thick && !item.closes)) break;
      if ((item.endings >> pass_ & 1) == 0) continue;
      at_ = i + 1;
      return;
    }
    endings_are_over_ = true;  // none: it is played nevertheless, and nobody looks again
  }

  static constexpr std::size_t most_items = 200000;
  const std::vector<Item>& items_;
  std::size_t at_ = 0, start_ = 0;
  std::uint32_t pass_ = 1, most_passes_ = 2;
  bool in_ending_ = false, marked_ = false, endings_are_over_ = false;
};

}  // namespace

std::vector<Item> played(const std::vector<Item>& items) { return Player(items).play(); }

namespace {

/// What is between two bar lines: items first … last − 1.
struct Bar {
  std::size_t first, last;
  std::uint64_t length;
  std::uint32_t line;
};

std::vector<Bar> bars_of(const std::vector<Item>& items) {
  std::vector<Bar> bars;
  Bar bar{0, 0, 0, 0};
  const auto close = [&](std::size_t end) {
    bar.last = end;
    if (bar.length > 0) bars.push_back(bar);
    bar = {end, end, 0, 0};
  };
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].kind == Item::Kind::bar) close(i);
    if (items[i].kind != Item::Kind::note) continue;
    bar.length += items[i].duration;
    bar.line = items[i].line;
  }
  close(items.size());
  return bars;
}

/// Where each bar begins, in ticks after a bar line. A bar may be cut in two by a repeat sign, and the first note may
/// be an upbeat; other bars that are too short or too long are faults, which the next bar line makes good.
class Positions {
 public:
  Positions(const Meter& meter, const std::vector<Bar>& bars) : whole_(meter.bar()), bars_(bars) {}

  /// `fault` becomes the bar whose length is wrong, if one is.
  Ticks begin_of(std::size_t i, const Bar*& fault) {
    const std::uint64_t length = bars_[i].length;
    if (i == 0 && length < whole_) open_ = static_cast<Ticks>(whole_ - length);
    if (open_ + length > whole_ && open_ > 0) {
      fault = &bars_[i - 1];  // what it began stays too short
      open_ = 0;
    }
    const Ticks begin = open_;
    const std::uint64_t end = open_ + length;
    if (end > whole_) fault = &bars_[i];
    open_ = static_cast<Ticks>(end >= whole_ ? 0 : end);
    return begin;
  }

 private:
  Ticks whole_, open_ = 0;
  const std::vector<Bar>& bars_;
};

}  // namespace

void fill_events(Melody& melody, const std::vector<Item>& items, Bars bars, std::uint32_t& line) {
  constexpr std::size_t most_events = 20000;
  const std::vector<Bar> all = bars_of(items);
  Positions positions(melody.meter, all);
  std::uint64_t now = 0;
  bool tied = false;
  for (std::size_t b = 0; b < all.size(); ++b) {
    const Bar& bar = all[b];
    const Bar* fault = nullptr;
    Ticks position = positions.begin_of(b, fault);
    if (fault && bars == Bars::must_add_up) {
      line = fault->line;
      throw Problem{fmt::format("expected bars of {}/{}, found one of {} quarter notes", melody.meter.beats,
                                melody.meter.unit, duration_name(static_cast<Ticks>(fault->length)))};
    }
    for (std::size_t i = bar.first; i < bar.last; ++i) {
      const Item& item = items[i];
      if (item.kind == Item::Kind::chord) {
        Chord chord = item.chord;
        chord.at = static_cast<Ticks>(now);
        melody.chords.push_back(chord);
      }
      if (item.kind != Item::Kind::note) continue;
      if (tied && melody.events.back().pitch == item.pitch && melody.events.back().duration < 16 * ticks_of_whole) {
        melody.events.back().duration += item.duration;
      } else {
        melody.events.push_back({item.pitch, item.duration, position % melody.meter.bar()});
      }
      tied = item.tied && item.pitch != rest;
      position += item.duration;
      now += item.duration;
      if (melody.events.size() > most_events || now > (std::uint64_t(1) << 31)) {
        line = item.line;
        throw Problem{fmt::format("expected at most {} notes, repeats included, found more", most_events)};
      }
    }
  }
}

}  // namespace rnn::abc
