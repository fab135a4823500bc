module;
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

module rnn.formats.midi;

import rnn.data.melody;

namespace rnn {

namespace {

constexpr std::uint8_t acoustic_guitar = 24;

void add_big_endian(std::string& to, std::uint32_t number, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) to += static_cast<char>(number >> (8 * i) & 0xff);
}

/// A track: events, each with the ticks since the one before.
class Track {
 public:
  void at(std::uint32_t now) {
    // Seven bits a byte, the highest first; all but the last are marked.
    const std::uint32_t delta = now - before_;
    before_ = now;
    for (int shift = 28; shift > 0; shift -= 7) {
      if (delta >> shift != 0) bytes_ += static_cast<char>((delta >> shift & 0x7f) | 0x80);
    }
    bytes_ += static_cast<char>(delta & 0x7f);
  }
  void message(std::initializer_list<int> bytes) {
    for (const int byte : bytes) bytes_ += static_cast<char>(byte);
  }
  void meta(int kind, std::string_view content) {
    message({0xff, kind, static_cast<int>(content.size())});  // short: one byte holds the length
    bytes_ += content;
  }
  /// The chunk of a file, ended at `now`.
  std::string chunk(std::uint32_t now) {
    at(now);
    meta(0x2f, "");
    std::string all = "MTrk";
    add_big_endian(all, static_cast<std::uint32_t>(bytes_.size()), 4);
    return all + bytes_;
  }

 private:
  std::uint32_t before_ = 0;
  std::string bytes_;
};

void add_headers(Track& track, const Melody& melody) {
  track.at(0);
  track.meta(0x03, std::string_view(melody.title).substr(0, 100));
  std::string tempo;
  const double microseconds = std::clamp(6e7 / melody.tempo, 1.0, 16777215.0);
  add_big_endian(tempo, static_cast<std::uint32_t>(std::lround(microseconds)), 3);
  track.at(0);
  track.meta(0x51, tempo);
  const char meter[] = {static_cast<char>(melody.meter.beats), static_cast<char>(std::countr_zero(melody.meter.unit)),
                        24, 8};
  track.at(0);
  track.meta(0x58, {meter, 4});
  const char key[] = {static_cast<char>(melody.key.sharps), static_cast<char>(melody.key.minor)};
  track.at(0);
  track.meta(0x59, {key, 2});
  track.at(0);
  track.message({0xc0, acoustic_guitar});
}

std::string chords_chunk(const Melody& melody, std::uint32_t end) {
  Track track;
  track.at(0);
  track.message({0xc1, acoustic_guitar});
  for (std::size_t i = 0; i < melody.chords.size(); ++i) {
    const Chord& chord = melody.chords[i];
    const std::uint32_t until = std::min(end, i + 1 < melody.chords.size() ? melody.chords[i + 1].at : end);
    if (chord.at >= until) continue;
    for (const bool on : {true, false}) {
      for (const int interval : intervals_of(chord.kind)) {
        track.at(on ? chord.at : until);
        track.message({on ? 0x91 : 0x81, 48 + chord.root + interval, on ? 50 : 0});
      }
    }
  }
  return track.chunk(end);
}

}  // namespace

std::string format_midi(const Melody& melody) {
  Track track;
  add_headers(track, melody);
  std::uint32_t now = 0;
  for (const Event& event : melody.events) {
    if (event.pitch != rest) {
      track.at(now);
      track.message({0x90, event.pitch, 96});
    }
    now += event.duration;
    if (event.pitch == rest) continue;
    track.at(now);
    track.message({0x80, event.pitch, 0});
  }
  std::string file = "MThd";
  add_big_endian(file, 6, 4);
  add_big_endian(file, 1, 2);
  add_big_endian(file, melody.chords.empty() ? 1 : 2, 2);
  add_big_endian(file, ticks_of_quarter, 2);
  file += track.chunk(now);
  if (!melody.chords.empty()) file += chords_chunk(melody, now);
  return file;
}

}  // namespace rnn
