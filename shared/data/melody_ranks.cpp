module;
#include <cstddef>
#include <string>
#include <vector>

// Melodies that several processes have.
module rnn.data.melody;

import rnn.base.ranks;

namespace rnn {

namespace {

/// A melody but for its title, events and chords, of which it has so many.
struct Head {
  Meter meter;
  Key key;
  double tempo;
  std::size_t title, events, chords;
};

}  // namespace

// All titles are one message, and so are all events and all chords: a message for each of thousands of melodies would
// take seconds on a slow network.
void share(std::vector<Melody>& melodies) {
  std::vector<Head> heads;
  std::string titles;
  std::vector<Event> events;
  std::vector<Chord> chords;
  for (const Melody& melody : melodies) {
    heads.push_back(
        {melody.meter, melody.key, melody.tempo, melody.title.size(), melody.events.size(), melody.chords.size()});
    titles += melody.title;
    events.insert(events.end(), melody.events.begin(), melody.events.end());
    chords.insert(chords.end(), melody.chords.begin(), melody.chords.end());
  }
  share(heads);
  share(titles);
  share(events);
  share(chords);

  melodies.clear();
  auto title = titles.begin();
  auto event = events.begin();
  auto chord = chords.begin();
  for (const Head& head : heads) {
    melodies.push_back({std::string(title, title + head.title), head.meter, head.key, head.tempo,
                        std::vector(event, event + head.events), std::vector(chord, chord + head.chords)});
    title += head.title;
    event += head.events;
    chord += head.chords;
  }
}

}  // namespace rnn
