module;
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

module melody.improviser;

import rnn.data.event_vocabulary;
import rnn.data.melody;
import rnn.data.ngram;
import rnn.linalg.matrix;
import rnn.network.melody_network;
import rnn.network.sampling;

using namespace rnn;

namespace melody {

namespace {

class Network final : public Predictor {
 public:
  Network(MelodyNetwork network, EventVocabulary vocabulary)
      : network_(std::move(network)), vocabulary_(std::move(vocabulary)), state_(network_) {}
  const EventVocabulary& vocabulary() const override { return vocabulary_; }

  // The state goes on from what it has heard: to begin with the first event again would cost more, and to begin anew
  // would forget the tune.
  void hear(std::uint32_t pitch, std::uint32_t duration, std::uint32_t place) override {
    state_.hear(pitch, duration, place);
  }

  std::vector<Candidate> expects(double temperature, std::size_t top, bool at_beginning) const override {
    Matrix pitch_logits = to_matrix(state_.pitch_logits());
    // A network that has learned little may expect the end before the first note, but that would be no tune.
    if (at_beginning) pitch_logits(0, EventVocabulary::end_of_tune) = -std::numeric_limits<Real>::infinity();
    return candidates(pitch_logits, state_.duration_logits(), temperature, top);
  }

 private:
  MelodyNetwork network_;
  EventVocabulary vocabulary_;
  MelodyState state_;  // of network_
};

class Counts final : public Predictor {
 public:
  Counts(NGram model, EventVocabulary vocabulary) : model_(std::move(model)), vocabulary_(std::move(vocabulary)) {}
  const EventVocabulary& vocabulary() const override { return vocabulary_; }

  void hear(std::uint32_t pitch, std::uint32_t duration, std::uint32_t) override {
    if (pitch != 0) heard_.push_back(vocabulary_.event(pitch, duration));
  }

  std::vector<Candidate> expects(double temperature, std::size_t top, bool at_beginning) const override {
    std::vector<Candidate> events;
    if (!at_beginning) events.push_back({0, 0, model_.probability(heard_, vocabulary_.event(0, 0))});
    for (std::uint32_t pitch = 1; pitch < vocabulary_.pitches(); ++pitch) {
      for (std::uint32_t duration = 1; duration < vocabulary_.durations(); ++duration) {
        const double probability = model_.probability(heard_, vocabulary_.event(pitch, duration));
        events.push_back({pitch, duration, probability});
      }
    }
    return at_temperature(std::move(events), temperature, top);
  }

 private:
  NGram model_;
  EventVocabulary vocabulary_;
  std::vector<std::uint32_t> heard_;
};

}  // namespace

std::unique_ptr<Predictor> predictor_of(MelodyNetwork network, EventVocabulary vocabulary) {
  return std::make_unique<Network>(std::move(network), std::move(vocabulary));
}

std::unique_ptr<Predictor> predictor_of(NGram model, EventVocabulary vocabulary) {
  return std::make_unique<Counts>(std::move(model), std::move(vocabulary));
}

Improviser::Improviser(std::unique_ptr<Predictor> predictor, const Meter& meter, Ticks first)
    : predictor_(std::move(predictor)), first_(first % meter.bar()), position_(first_) {
  melody_.title = "Improvisation";
  melody_.meter = meter;
  melody_.tempo = meter.unit == 8 ? 150 : 112;
  predictor_->hear(0, 0, predictor_->vocabulary().number_of_place({meter, position_}));
}

void Improviser::add(const Event& event, std::uint32_t pitch, std::uint32_t duration) {
  const Ticks bar = melody_.meter.bar();
  melody_.events.push_back({event.pitch, event.duration, position_});
  position_ = (position_ + event.duration % bar) % bar;
  predictor_->hear(pitch, duration, predictor_->vocabulary().number_of_place({melody_.meter, position_}));
}

void Improviser::hear(const Event& event) {
  const std::uint32_t pitch = predictor_->vocabulary().number_of_pitch(event.pitch);
  const std::uint32_t duration = predictor_->vocabulary().number_of_duration(event.duration);
  if (pitch == 0) {
    throw std::invalid_argument(fmt::format("no tune of the training has the pitch {}", pitch_name(event.pitch)));
  }
  if (duration == 0) {
    throw std::invalid_argument(
        fmt::format("no tune of the training has the duration {}", duration_name(event.duration)));
  }
  add(event, pitch, duration);
}

std::vector<Candidate> Improviser::expects(double temperature, std::size_t top) const {
  return predictor_->expects(temperature, top, melody_.events.empty());
}

bool Improviser::take(const Candidate& candidate) {
  if (candidate.pitch == EventVocabulary::end_of_tune) return false;
  const EventVocabulary& vocabulary = predictor_->vocabulary();
  add({vocabulary.pitch(candidate.pitch), vocabulary.duration(candidate.duration)},
      static_cast<std::uint32_t>(candidate.pitch), static_cast<std::uint32_t>(candidate.duration));
  return true;
}

double Improviser::bars() const { return double(first_ + length_of(melody_)) / melody_.meter.bar(); }

Melody Improviser::melody(std::size_t most_bars) const {
  Melody result = melody_;
  const std::uint64_t bar = melody_.meter.bar(), most = most_bars * bar;
  std::uint64_t end = first_ + length_of(result);
  while (end > most && !result.events.empty()) {
    Event& last = result.events.back();
    const std::uint64_t cut = std::min<std::uint64_t>(end - most, last.duration);
    end -= cut;
    last.duration -= static_cast<Ticks>(cut);
    if (last.duration == 0) result.events.pop_back();
  }
  if (end % bar != 0) {
    const auto position = static_cast<Ticks>(end % bar);
    result.events.push_back({rest, static_cast<Ticks>(bar) - position, position});
  }
  return result;
}

std::string Improviser::in_words(const Candidate& candidate) const {
  if (candidate.pitch == EventVocabulary::end_of_tune) return "the end";
  const EventVocabulary& vocabulary = predictor_->vocabulary();
  return fmt::format("{} {}", pitch_name(vocabulary.pitch(candidate.pitch)),
                     duration_name(vocabulary.duration(candidate.duration)));
}

std::string picture(const Improviser& improviser, std::span<const Candidate> expected, std::size_t lines,
                    const Candidate* picked) {
  constexpr int width = 30;
  std::string text;
  const std::size_t shown = std::min(lines, expected.size());
  const auto line = [&](const Candidate& one, const std::string& mark) {
    std::string bar;
    for (int i = 0; i < int(std::lround(one.probability * width)); ++i) bar += "█";
    text += fmt::format("{:>3} {:<10}{:>6.1f}%  {}\n", mark, improviser.in_words(one), 100 * one.probability, bar);
  };
  const auto is_picked = [&](const Candidate& one) {
    return picked && one.pitch == picked->pitch && one.duration == picked->duration;
  };
  bool seen = picked == nullptr;
  for (std::size_t i = 0; i < shown; ++i) {
    line(expected[i], picked ? (is_picked(expected[i]) ? "→" : "") : fmt::format("{}", i + 1));
    seen = seen || is_picked(expected[i]);
  }
  if (!seen) line(*picked, "→");
  return text;
}

}  // namespace melody
