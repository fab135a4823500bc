#include "target.hpp"

import rnn.base.error;
import rnn.data.melody;
import rnn.formats.chorales;

using namespace rnn;
using namespace rnn::testing;

/// Chorales in JSON: whatever is read has notes of MIDI's pitches, in their bars.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_or_refuse<FileError>([&] {
    for (const Melody& tune : parse_chorales(to_text(data, size), "F")) {
      require(!tune.events.empty(), "a tune has events");
      for (const Event& event : tune.events) {
        require(event.duration > 0 && event.position + event.duration <= tune.meter.bar(), "an event is in one bar");
        require(event.pitch == rest || (event.pitch >= lowest_pitch && event.pitch <= highest_pitch),
                "a pitch is MIDI's");
      }
    }
  });
  return 0;
}
