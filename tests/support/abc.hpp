#pragma once
// Tunes in ABC, and what is read of them in words.

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>

import rnn.data.melody;
import rnn.formats.abc;

namespace rnn::testing {

inline const std::string head = "X:1\nT:A tune\nM:4/4\nL:1/4\nK:C\n";

/// What parse_abc says of a text that stands by itself in memory: whoever looks beyond it is told by the sanitizers.
inline AbcTunes parse(const std::string& text, Bars bars = Bars::any) {
  const auto bytes = std::make_unique<char[]>(text.size());
  std::ranges::copy(text, bytes.get());
  return parse_abc({bytes.get(), text.size()}, "F", bars);
}

inline Melody read(const std::string& text, Bars bars = Bars::any) {
  AbcTunes all = parse(text, bars);
  BOOST_TEST_REQUIRE(all.refused.empty(), (all.refused.empty() ? "" : all.refused[0]));
  BOOST_TEST_REQUIRE(all.tunes.size() == 1u);
  return all.tunes[0];
}
inline Melody music(const std::string& text) { return read(head + text + "\n"); }

/// Pitches and durations in quarter notes: "C4:1 D4:1/2".
inline std::string events(const Melody& melody) {
  std::string text;
  for (const Event& event : melody.events) {
    text += (text.empty() ? "" : " ") + pitch_name(event.pitch) + ":" + duration_name(event.duration);
  }
  return text;
}
/// Only the pitches.
inline std::string pitches(const Melody& melody) {
  std::string text;
  for (const Event& event : melody.events) text += (text.empty() ? "" : " ") + pitch_name(event.pitch);
  return text;
}

inline std::string refusal(const std::string& text, Bars bars = Bars::any) {
  const AbcTunes all = parse(text, bars);
  BOOST_TEST_REQUIRE(all.refused.size() == 1u, text);
  BOOST_TEST(all.tunes.empty());
  return all.refused[0];
}

}  // namespace rnn::testing
