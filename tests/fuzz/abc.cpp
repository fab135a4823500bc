#include "target.hpp"

import rnn.data.melody;
import rnn.formats.abc;

using namespace rnn;
using namespace rnn::testing;

/// Tunes in ABC: whatever is read can be written, and is then read again.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const AbcTunes all = parse_abc(to_text(data, size), "F");
  for (const std::string& reason : all.refused) {
    require(reason.starts_with("F: line "), "a refusal names the line", reason);
    require(is_one_line(reason), "a refusal is one line", reason);
    require(reason.size() < 500, "a refusal is short", reason);
  }
  for (const Melody& tune : all.tunes) {
    require(!tune.events.empty(), "a tune has events");
    for (const Event& event : tune.events) {
      require(event.duration > 0, "an event takes time");
      require(event.position < tune.meter.bar(), "an event begins in its bar");
      require(event.pitch == rest || (event.pitch >= lowest_pitch && event.pitch <= highest_pitch),
              "a pitch is MIDI's");
    }
    const std::string written = format_abc(tune);
    const AbcTunes again = parse_abc(written, "F");
    require(again.tunes.size() + again.refused.size() == 1, "what was written is one tune", written);
  }
  return 0;
}
