// A real collection of tunes: the .abc files in $MELODY_DIR, else in the folder that the first argument names.
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "../support/real_data.hpp"

import rnn.data.event_vocabulary;
import rnn.data.melody;
import rnn.data.ngram;
import rnn.formats.abc;
import rnn.formats.midi;

using namespace rnn;

namespace {

bool is_sound(const Melody& melody) {
  if (melody.events.empty()) return false;
  for (const Event& event : melody.events) {
    if (event.duration == 0 || event.position >= melody.meter.bar()) return false;
    if (event.pitch != rest && (event.pitch < 40 || event.pitch > 100)) return false;
  }
  return true;
}

bool is_read_again(const Melody& melody) {
  const AbcTunes again = parse_abc(format_abc(melody), "F");
  return again.tunes.size() == 1 && again.tunes[0].events == melody.events && again.tunes[0].key == melody.key;
}

/// Bits an event of every tenth tune, of a model of the others.
double bits_of_event(std::size_t order, const std::vector<std::vector<std::uint32_t>>& train,
                     const std::vector<std::vector<std::uint32_t>>& test, std::size_t words) {
  const NGram model(order, words, train, 1);
  double bits = 0, events = 0;
  for (const std::vector<std::uint32_t>& tune : test) {
    bits += model.bits(tune);
    events += double(tune.size());
  }
  return bits / events;
}

void check_models(std::vector<Melody> tunes) {
  for (Melody& tune : tunes) tune = transposed(tune, semitones_to_c(tune.key));
  const EventVocabulary vocabulary(tunes);
  std::vector<std::vector<std::uint32_t>> train, test;
  for (std::size_t i = 0; i < tunes.size(); ++i) {
    const EncodedMelody encoded = vocabulary.encode(tunes[i]);
    std::vector<std::uint32_t> words;
    for (std::size_t t = 0; t < encoded.size(); ++t)
      words.push_back(vocabulary.event(encoded.pitch[t], encoded.duration[t]));
    (i % 10 == 0 ? test : train).push_back(words);
  }
  double bits[3];
  for (std::size_t order = 1; order <= 3; ++order) {
    bits[order - 1] = bits_of_event(order, train, test, vocabulary.possible_events());
    std::printf("order %zu: %.3f bits an event, perplexity %.2f\n", order, bits[order - 1], std::exp2(bits[order - 1]));
  }
  check(bits[1] < bits[0] - 0.5 && bits[2] < bits[1], "each longer context predicts better");
}

}  // namespace

int main(int count, char** arguments) {
  const std::filesystem::path folder = folder_of_data("MELODY_DIR", count, arguments);
  if (!std::filesystem::is_directory(folder)) {
    std::printf("skipped: there are no melodies in %s; MELODY_DIR names a folder of .abc files\n", folder.c_str());
    return skipped;
  }
  const AbcTunes all = read_abc(folder);
  std::printf("%zu tunes read, %zu refused\n", all.tunes.size(), all.refused.size());
  for (const std::string& reason : all.refused) std::printf("  %s\n", reason.c_str());
  const std::size_t found = all.tunes.size() + all.refused.size();
  check(all.refused.size() * 30 <= found, "nearly all tunes are read");
  if (found == 1034) check(all.tunes.size() >= 1000, "at least 1,000 of the Nottingham collection's 1,034");
  bool located = true;
  for (const std::string& reason : all.refused) located = located && reason.find(".abc: line ") != std::string::npos;
  check(located, "a refusal names file and line");

  std::size_t sound = 0, again = 0, midi = 0;
  for (const Melody& tune : all.tunes) {
    sound += is_sound(tune);
    again += is_read_again(tune);
    midi += format_midi(tune).size() > 100;
  }
  check(sound == all.tunes.size(), "every tune has notes of a singable pitch, in bars");
  check(midi == all.tunes.size(), "every tune can be written as MIDI");
  const std::size_t strict = read_abc(folder, Bars::must_add_up).tunes.size();
  std::printf("%zu have bars that all add up; %zu are the same when written and read again\n", strict, again);
  check(again >= strict, "what adds up is the same when it is written and read again");
  check_models(all.tunes);
  return failures > 0;
}
