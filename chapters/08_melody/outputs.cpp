module;
#include <fmt/format.h>

#include <cstddef>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

module melody.outputs;

import melody.improviser;
import melody.tunes;
import rnn.base.file;
import rnn.console.options;
import rnn.data.event_vocabulary;
import rnn.data.melody;
import rnn.data.ngram;
import rnn.formats.abc;
import rnn.formats.midi;
import rnn.formats.piano_roll;
import rnn.formats.staves;
import rnn.formats.synthesizer;
import rnn.formats.wav;
import rnn.training.melody_file;

using namespace rnn;

namespace melody {

TuneMaking::TuneMaking(Options& options)
    : init_(
          (options.group("Network"), options.input_file("init", "FILE", "weights or a checkpoint saved by training"))),
      ngram_(options.integer("ngram", 3, {1, NGram::highest_order},
                             "instead of a network: count in the tunes of --data which event follows the last N - 1")),
      start_((options.group("Tune"),
              options.text("start", "", "how it begins: pitches, and durations in quarter notes", "\"C4:1 E4:1/2\""))),
      tune_(options.integer("tune", 0, {0, 100000}, "begin as test tune N of --data, from 0, in its bars")),
      given_(options.integer("given", 2, {1, 1000}, "how many bars of that tune are given")),
      data_(
          options.text("data", default_data(), "tunes for --tune and --ngram: files in ABC, or \"composed\"", "PATH")),
      meter_(options.choice("meter", "4/4", {"2/4", "3/4", "4/4", "6/8"}, "the bars that it is in")),
      temperature_(options.real("temperature", 0.8, {0, 100, true},
                                "below 1, what is likely gets likelier; above 1, everything more alike", "T")),
      top_(options.integer("top", 0, {0, 100000}, "pick among the N most likely; 0: among all")),
      bars_(options.integer("bars", 16, {1, 1000}, "its length, unless it ends by itself before")),
      seed_(options.integer("seed", 1, {0, 4294967295}, "decides what is picked")),
      midi_((options.group("Output"), options.output_file("midi", "FILE", "write it as a MIDI file"))),
      wav_(options.output_file("wav", "FILE", "write it as sound: a plucked string")),
      svg_(options.output_drawing("svg", "FILE.svg", "draw it as a piano roll")),
      staves_(options.output_drawing("staves", "FILE.svg", "draw it as notes on staves, with abcm2ps")),
      play_(options.flag("play", "play it, where the system has a player")) {
  options.excludes("init", "ngram");
  for (const char* other : {"start", "meter"}) options.excludes("tune", other);
  options.needs("given", "tune");
  options.needs("data", std::vector<std::string>{"tune", "ngram"});
}

std::unique_ptr<Predictor> TuneMaking::predictor() const {
  if (init_.given()) {
    SavedMelodyNetwork saved = load_melody_network(*init_);
    return predictor_of(std::move(saved.network), std::move(saved.vocabulary));
  }
  if (!ngram_.given()) {
    throw std::invalid_argument("expected --init FILE, weights saved by training, or --ngram N, got neither");
  }
  Tunes tunes = load_tunes({.data = *data_, .composed = default_tunes});
  const Encoded encoded = encode(tunes, Keys::c, vocabulary_of(tunes, Keys::c));
  return predictor_of(count_events(encoded, *ngram_), encoded.vocabulary);
}

/// The tune that --tune asks for, which no training with the same data has heard.
Melody TuneMaking::test_tune() const {
  const Tunes tunes = load_tunes({.data = *data_, .composed = 10 * (*tune_ + 1)});
  if (*tune_ >= tunes.test.size()) {
    throw std::invalid_argument(fmt::format("expected less than the {} test tunes, got {}", tunes.test.size(), *tune_));
  }
  return tunes.test[*tune_];
}

Improviser TuneMaking::begin() const { return begin(predictor()); }

Improviser TuneMaking::begin(std::unique_ptr<Predictor> predictor) const try {
  if (tune_.given()) {
    const Melody melody = test_tune();
    Improviser tune(std::move(predictor), melody.meter, melody.events.front().position);
    for (const Event& event : melody.events) {
      if (tune.bars() >= double(*given_)) break;
      tune.hear(event);
    }
    return tune;
  }
  const Meter meter{static_cast<std::uint32_t>((*meter_)[0] - '0'), static_cast<std::uint32_t>((*meter_)[2] - '0')};
  Improviser tune(std::move(predictor), meter);
  if (start_->empty()) return tune;
  for (const Event& event : parse_events(*start_)) tune.hear(event);
  return tune;
} catch (const std::invalid_argument& error) {
  throw std::invalid_argument(fmt::format("--{}: {}", tune_.given() ? "tune" : "start", error.what()));
}

void TuneMaking::finish(const Melody& melody) const {
  if (melody.events.empty()) {
    std::cerr << "no note was taken: there is no tune to write\n";
    return;
  }
  std::cout << format_abc(melody) << std::flush;
  if (midi_.given()) replace_file(*midi_, format_midi(melody));
  if (wav_.given()) replace_file(*wav_, format_wav(synthesize(melody), sample_rate));
  if (svg_.given()) replace_file(*svg_, format_piano_roll(melody));
  if (staves_.given()) {
    if (const std::optional<std::string> staves = format_staves(melody, *staves_)) {
      replace_file(*staves_, *staves);
    } else {
      std::cerr << "--staves: found no abcm2ps to draw them; --svg FILE.svg draws a piano roll\n";
    }
  }
  if (*play_) play(melody);
}

}  // namespace melody
