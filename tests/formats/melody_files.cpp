// Writes composed melodies as files of every kind into a folder, for other programs to read:
//   melody_files FOLDER COUNT
// For each there is a line on stdout: the ticks of a bar, then pitch:duration of each event.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <span>
#include <string>

import rnn.data.composer;
import rnn.data.melody;
import rnn.formats.abc;
import rnn.formats.midi;
import rnn.formats.piano_roll;
import rnn.formats.synthesizer;
import rnn.formats.wav;

using namespace rnn;

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string folder = argv[1];
  const auto count = std::size_t(std::atoi(argv[2]));
  const auto write = [&](std::size_t i, const char* extension, const std::string& bytes) {
    std::ofstream(folder + "/" + std::to_string(i) + extension, std::ios::binary) << bytes;
  };
  for (std::size_t i = 0; i < count; ++i) {
    const Melody melody = compose(11, i).melody;
    std::cout << melody.meter.bar();
    for (const Event& event : melody.events) std::cout << ' ' << event.pitch << ':' << event.duration;
    std::cout << '\n';
    write(i, ".abc", format_abc(melody, i + 1));
    write(i, ".mid", format_midi(melody));
    write(i, ".svg", format_piano_roll(melody));
    if (i < 3) write(i, ".wav", format_wav(synthesize(melody), sample_rate));
  }
  return std::cout.flush() ? 0 : 1;
}
