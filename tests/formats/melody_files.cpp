// Writes COUNT composed melodies as files of every kind into a folder, for other programs to read, and in ABC as many
// with triplets:
//   melody_files FOLDER COUNT
// For each there is a line on stdout: the ticks of a bar, then pitch:duration of each event.
#include <boost/random/mersenne_twister.hpp>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <span>
#include <string>

import rnn.base.random;
import rnn.data.composer;
import rnn.data.melody;
import rnn.formats.abc;
import rnn.formats.midi;
import rnn.formats.piano_roll;
import rnn.formats.synthesizer;
import rnn.formats.wav;

using namespace rnn;

/// Notes of lengths that the composer does not use, many of them in triplets that are never completed.
Melody with_triplets(std::uint32_t seed) {
  Melody melody = compose(12, seed).melody;
  melody.chords.clear();
  auto engine = seeded(seed);
  for (Event& event : melody.events) {
    const Ticks divisors[] = {2, 3, 4, 6, 8, 12};
    event.duration = ticks_of_quarter / divisors[engine() % std::size(divisors)] * Ticks(1 + engine() % 3);
  }
  set_positions(melody.events, melody.meter.bar());
  return melody;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string folder = argv[1];
  const auto count = std::size_t(std::atoi(argv[2]));
  const auto write = [&](std::size_t i, const char* extension, const std::string& bytes) {
    std::ofstream(folder + "/" + std::to_string(i) + extension, std::ios::binary) << bytes;
  };
  const auto tell = [](const Melody& melody) {
    std::cout << melody.meter.bar();
    for (const Event& event : melody.events) std::cout << ' ' << event.pitch << ':' << event.duration;
    std::cout << '\n';
  };
  for (std::size_t i = 0; i < count; ++i) {
    const Melody melody = compose(11, i).melody;
    tell(melody);
    write(i, ".abc", format_abc(melody, i + 1));
    write(i, ".mid", format_midi(melody));
    write(i, ".svg", format_piano_roll(melody));
    if (i < 3) write(i, ".wav", format_wav(synthesize(melody), sample_rate));
  }
  for (std::size_t i = 0; i < count; ++i) {
    const Melody melody = with_triplets(std::uint32_t(i));
    tell(melody);
    write(count + i, ".abc", format_abc(melody, i + 1));
  }
  return std::cout.flush() ? 0 : 1;
}
