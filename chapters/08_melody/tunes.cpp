module;
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

module melody.tunes;

import rnn.base.crc32c;
import rnn.base.error;
import rnn.base.text;
import rnn.data.composer;
import rnn.data.event_vocabulary;
import rnn.data.melody;
import rnn.formats.abc;
import rnn.formats.chorales;
import rnn.training.next_event;

using namespace rnn;

namespace melody {

namespace {

constexpr std::size_t fewest_tunes = 10;

/// Which of the three a tune belongs to: always the same, whatever else is chosen.
std::vector<Melody>& part_of(Tunes& tunes, std::size_t number) {
  return number % 10 == 0 ? tunes.test : number % 10 == 5 ? tunes.validation : tunes.train;
}

Melody in_key(const Melody& melody, Keys keys) {
  return keys == Keys::own ? melody : transposed(melody, semitones_to_c(melody.key));
}

Tunes composed(const TuneOptions& options) {
  Tunes tunes;
  tunes.source = fmt::format("{} composed tunes", options.composed);
  std::vector<Composition> for_test;
  for (std::size_t i = 0; i < options.composed; ++i) {
    Composition one = compose(options.seed, i);
    part_of(tunes, i).push_back(in_key(one.melody, options.keys));
    if (&part_of(tunes, i) == &tunes.test) for_test.push_back(std::move(one));
  }
  tunes.entropy = entropy_of_event(for_test);
  return tunes;
}

Tunes read(const TuneOptions& options) {
  const std::filesystem::path path = options.data;
  const AbcTunes all = path.extension() == ".json"
                           ? AbcTunes{.tunes = read_chorales(path), .refused = {}, .files = {path}}
                           : read_abc(path, options.strict ? Bars::must_add_up : Bars::any);
  Tunes tunes;
  tunes.source = fmt::format("{} tunes of {}", all.tunes.size(), shown(path));
  tunes.files = all.files;
  for (std::size_t i = 0; i < all.tunes.size(); ++i) part_of(tunes, i).push_back(in_key(all.tunes[i], options.keys));
  constexpr std::size_t most_notes = 5;
  for (std::size_t i = 0; i < all.refused.size() && (i < most_notes || options.strict); ++i) {
    tunes.notes.push_back(all.refused[i]);
  }
  if (!all.refused.empty()) tunes.notes.push_back(fmt::format("{} tunes could not be used", all.refused.size()));
  if (all.tunes.size() < fewest_tunes) {
    const std::string why = all.refused.empty() ? "" : "; the first that could not be used: " + all.refused.front();
    throw FileError(path, fmt::format("expected at least {} tunes, found {}{}", fewest_tunes, all.tunes.size(), why));
  }
  return tunes;
}

/// The keys in which training hears a tune that is in C: all that keep its pitches in MIDI's range.
std::vector<Melody> variants_of(const Melody& melody, Keys keys) {
  if (keys != Keys::all) return {melody};
  std::vector<Melody> variants;
  for (int semitones = -5; semitones <= 6; ++semitones) {
    try {
      variants.push_back(transposed(melody, semitones));
    } catch (const std::invalid_argument&) {
      // A pitch would be out of MIDI's range.
    }
  }
  return variants;
}

std::vector<std::uint32_t> as_words(const EventVocabulary& vocabulary, const EncodedMelody& tune) {
  std::vector<std::uint32_t> words;
  for (std::size_t t = 0; t < tune.size(); ++t) words.push_back(vocabulary.event(tune.pitch[t], tune.duration[t]));
  return words;
}

}  // namespace

std::string default_data() {
  if (const char* folder = std::getenv("MELODY_DIR"); folder && *folder) return folder;
  std::error_code none;
  return std::filesystem::is_directory("data/melodies", none) ? "data/melodies" : "composed";
}

Tunes load_tunes(const TuneOptions& options) { return options.data == "composed" ? composed(options) : read(options); }

std::string fingerprint(std::span<const Melody> tunes) {
  Crc32c sum;
  std::uint64_t events = 0;
  for (const Melody& tune : tunes) {
    for (const Event& event : tune.events) {
      sum.add(fmt::format("{}:{}:{} ", event.pitch, event.duration, event.position));
      ++events;
    }
    sum.add(fmt::format("{}/{}\n", tune.meter.beats, tune.meter.unit));
  }
  return fmt::format("{:08x}{:08x}", events, sum.value());
}

Encoded encode(const Tunes& tunes, Keys keys) {
  std::vector<Melody> all = tunes.validation;
  all.insert(all.end(), tunes.test.begin(), tunes.test.end());
  for (const Melody& tune : tunes.train) {
    for (Melody& variant : variants_of(tune, keys)) all.push_back(std::move(variant));
  }
  Tunes unchanged = tunes;
  return encode(unchanged, keys, EventVocabulary(all));
}

Encoded encode(Tunes& tunes, Keys keys, const EventVocabulary& vocabulary) {
  Encoded result{.vocabulary = vocabulary, .train = {}, .validation = {}, .test = {}};
  std::size_t left_out = 0;
  for (std::vector<Melody>* part : {&tunes.train, &tunes.validation, &tunes.test}) {
    left_out += std::erase_if(*part, [&](const Melody& tune) { return !vocabulary.knows(tune); });
    if (part->empty()) {
      throw std::invalid_argument("expected tunes of pitches and durations that the network knows, found none");
    }
  }
  if (left_out > 0) {
    tunes.notes.push_back(fmt::format("{} tunes have pitches or durations that the network does not know", left_out));
  }
  for (const Melody& tune : tunes.train) {
    Variants& variants = result.train.emplace_back();
    for (const Melody& variant : variants_of(tune, keys)) {
      if (vocabulary.knows(variant)) variants.push_back(vocabulary.encode(variant));
    }
  }
  for (const Melody& tune : tunes.validation) result.validation.push_back(vocabulary.encode(tune));
  for (const Melody& tune : tunes.test) result.test.push_back(vocabulary.encode(tune));
  return result;
}

NGram count_events(const Encoded& tunes, std::size_t order) {
  std::vector<std::vector<std::uint32_t>> train, validation;
  for (const Variants& variants : tunes.train) {
    for (const EncodedMelody& variant : variants) train.push_back(as_words(tunes.vocabulary, variant));
  }
  for (const EncodedMelody& tune : tunes.validation) validation.push_back(as_words(tunes.vocabulary, tune));
  NGram model(order, tunes.vocabulary.possible_events(), train, 1);
  model.choose_discount(validation);
  return model;
}

double ngram_bits(const Encoded& tunes, std::size_t order) {
  const NGram model = count_events(tunes, order);
  double bits = 0, events = 0;
  for (const EncodedMelody& tune : tunes.test) {
    bits += model.bits(as_words(tunes.vocabulary, tune));
    events += double(tune.size());
  }
  return bits / events;
}

}  // namespace melody
