module;
#include <cstddef>
#include <string>
#include <vector>

module rnn.data.sharing;

import rnn.base.ranks;
import rnn.data.event_vocabulary;
import rnn.data.images;
import rnn.data.melody;
import rnn.linalg.matrix;

namespace rnn {

static void share(Dataset& data) {
  Images& images = data.images;
  for (Index* number : {&images.count, &images.rows, &images.columns}) share(*number);
  share(images.pixels);
  share(data.labels);
}

void share(Splits& data) {
  for (Dataset* part : {&data.train, &data.validation, &data.test}) share(*part);
  share(data.source);
}

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

void share(EventVocabulary& vocabulary) {
  std::string text = vocabulary.text();
  share(text);
  vocabulary = EventVocabulary(text);
}

}  // namespace rnn
