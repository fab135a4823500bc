// A network that predicts the next note, for chapter 08's widget: the tune so far, what may come next, and how a note
// sounds. What is returned stays in memory until the same function is called again.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

import melody.improviser;
import rnn.data.event_vocabulary;
import rnn.data.melody;
import rnn.formats.synthesizer;
import rnn.linalg.matrix;
import rnn.network.melody_network;
import rnn.network.parameters;
import rnn.network.sampling;

using namespace rnn;

namespace {

constexpr double end_of_tune = -2;  // in place of a pitch; −1 is a rest

struct Player {
  EventVocabulary vocabulary;
  MelodyNetwork network;
  std::unique_ptr<melody::Improviser> tune = {};
  std::vector<Candidate> expected = {};
};

std::unique_ptr<Player>& player() {
  static std::unique_ptr<Player> only;
  return only;
}

melody::Improviser& tune() {
  if (!player() || !player()->tune) throw std::invalid_argument("there is no tune yet");
  return *player()->tune;
}

double pitch_of(const Candidate& one) {
  return one.pitch == EventVocabulary::end_of_tune ? end_of_tune : player()->vocabulary.pitch(one.pitch);
}

}  // namespace

extern "C" {

/// A network of n such cells ("gru") that speaks in this vocabulary. There is only one at a time.
[[clang::export_name("make_network")]] void make_network(const char* cell, const char* vocabulary, std::size_t n,
                                                         std::size_t embedding) {
  const EventVocabulary words{std::string(vocabulary)};
  const MelodyShape shape{.pitches = words.pitches(),
                          .durations = words.durations(),
                          .places = words.places(),
                          .hidden = n,
                          .embedding = embedding,
                          .cell = cell};
  player() = std::make_unique<Player>(Player{words, MelodyNetwork(shape)});
}

/// Where the page writes the numbers of a parameter, row by row.
[[clang::export_name("weights")]] float* weights(const char* name, std::size_t rows, std::size_t columns) {
  const View w = player()->network.parameters[name];
  require_shape("weights", name, w, rows, columns);
  return w.data;
}

/// A new tune in bars of so many beats of 1/unit of a whole note.
[[clang::export_name("begin")]] void begin(std::uint32_t beats, std::uint32_t unit) {
  Player& all = *player();
  all.tune =
      std::make_unique<melody::Improviser>(melody::predictor_of(all.network, all.vocabulary), Meter{beats, unit});
}

/// The tune goes on with this event. Fails when the network does not know its pitch or its duration.
[[clang::export_name("hear")]] void hear(int pitch, std::uint32_t ticks) { tune().hear({pitch, ticks}); }

/// What may come next: how many events there are, then for each, the most likely first, its pitch, its duration in
/// ticks and its probability; then how many pitches there are, and for each its probability with whatever duration.
[[clang::export_name("expect")]] const double* expect(double temperature) {
  static std::vector<double> numbers;
  Player& all = *player();
  all.expected = tune().expects(temperature, 0);
  numbers = {double(all.expected.size())};
  std::vector<double> of_pitch(all.vocabulary.pitches());
  for (const Candidate& one : all.expected) {
    const Ticks ticks = one.duration == 0 ? 0 : all.vocabulary.duration(one.duration);
    numbers.insert(numbers.end(), {pitch_of(one), double(ticks), one.probability});
    of_pitch[one.pitch] += one.probability;
  }
  numbers.push_back(double(of_pitch.size()));
  for (Index pitch = 0; pitch < of_pitch.size(); ++pitch) {
    numbers.insert(numbers.end(), {pitch_of({pitch, 0, 0}), of_pitch[pitch]});
  }
  return numbers.data();
}

/// The number, in the last list of what may come, of the event that chance picks.
[[clang::export_name("pick")]] std::size_t pick(double uniform) {
  const std::vector<Candidate>& expected = player()->expected;
  if (expected.empty()) throw std::invalid_argument("nothing is expected yet");
  return static_cast<std::size_t>(&choose(expected, uniform) - expected.data());
}

/// How many bars the tune has so far.
[[clang::export_name("bars")]] double bars() { return tune().bars(); }

/// "C4", "rest"; "1/2".
[[clang::export_name("name_of_pitch")]] const char* name_of_pitch(int pitch) {
  static std::string name;
  name = pitch_name(pitch);
  return name.c_str();
}
[[clang::export_name("name_of_duration")]] const char* name_of_duration(std::uint32_t ticks) {
  static std::string name;
  name = duration_name(ticks);
  return name.c_str();
}

/// How a plucked string of this pitch sounds, so many samples of 1/44,100 s.
[[clang::export_name("sound")]] const float* sound(int pitch, std::size_t samples) {
  static std::vector<float> note;
  note = pluck(pitch, samples);
  return note.data();
}

}  // extern "C"
