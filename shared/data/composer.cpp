module;
#include <fmt/format.h>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_01.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

module rnn.data.composer;

import rnn.base.random;
import rnn.data.melody;

namespace rnn {

namespace composing {

namespace {

/// Draws, and adds up how surprising the draws were.
class Choices {
 public:
  explicit Choices(std::uint64_t seed) : engine_(seeded(seed)) {}

  /// Index i with probability weights[i]; the weights' sum is 1. Counts nothing.
  std::size_t draw(const std::vector<double>& weights) {
    double left = boost::random::uniform_01<double>()(engine_);
    std::size_t last = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] <= 0) continue;
      last = i;
      left -= weights[i];
      if (left < 0) break;
    }
    return last;
  }
  void count(double probability) { bits_ -= std::log2(probability); }
  std::size_t counted(const std::vector<double>& weights) {
    const std::size_t drawn = draw(weights);
    count(weights[drawn]);
    return drawn;
  }
  double bits() const { return bits_; }

 private:
  boost::random::mt19937 engine_;
  double bits_ = 0;
};

/// Bars as degrees in sixteenths, before they have a key.
struct Sound {
  std::optional<int> degree;  // none: a rest
  int sixteenths;
  int chord;
};

struct Scale {
  int tonic;
  bool minor;

  // Over the fifth degree's chord, the minor scale has the major one's seventh: the leading note.
  int pitch(int degree, int chord) const {
    constexpr int major_scale[] = {0, 2, 4, 5, 7, 9, 11}, minor_scale[] = {0, 2, 3, 5, 7, 8, 10};
    const int octave = degree >= 0 ? degree / 7 : -((6 - degree) / 7), step = degree - 7 * octave;
    const int raised = minor && step == 6 && chord == 4 ? 1 : 0;
    return tonic + 12 * octave + (minor ? minor_scale : major_scale)[step] + raised;
  }
};

std::vector<double> weights_of(const std::vector<Rhythm>& rhythms) {
  std::vector<double> weights;
  for (const Rhythm& rhythm : rhythms) weights.push_back(rhythm.weight);
  return weights;
}

bool carries_chord(const Meter& meter, int sixteenths) {
  return sixteenths == 0 || (meter.beats % 2 == 0 && sixteenths * 2 * int(meter.unit) == 16 * int(meter.beats));
}

/// A phrase while it is composed. Which plan of chords it follows cannot be heard for certain, so the probability of
/// its notes is the sum over all plans: each plan's is kept until the tune is done.
class Phrase {
 public:
  Phrase(char letter, const Rhythms& rhythms, const Scale& scale, Choices& choices)
      : plans_(plans(letter)), rhythms_(rhythms), scale_(scale), choices_(choices), log2_(plans_.size(), 0.0) {
    std::vector<double> likely;
    for (const Plan& plan : plans_) likely.push_back(plan.probability);
    plan_ = choices.draw(likely);

    const std::vector<double> drawn = weights_of(rhythms.bars);
    const std::size_t first = choices.counted(drawn);
    std::vector<double> later = drawn;
    for (double& weight : later) weight *= 1 - rhythm_repeats;
    later[first] += rhythm_repeats;
    for (int bar = 0; bar < 3; ++bar) {
      const std::size_t rhythm = bar == 0 ? first : choices.counted(later);
      add_bar(body_, rhythms.bars[rhythm].sixteenths, bar, letter, {});
    }
    after_body_ = now_;
  }

  /// The phrase with an open ending, on the way, or a closed one, at home; each is composed once.
  std::vector<Sound> with_ending(bool closed) {
    std::vector<Sound>& ending = endings_[closed];
    if (ending.empty()) {
      now_ = after_body_;
      add_bar(ending, rhythms_.cadences[choices_.counted(weights_of(rhythms_.cadences))].sixteenths, 3, 0, closed);
    }
    std::vector<Sound> all = body_;
    all.insert(all.end(), ending.begin(), ending.end());
    return all;
  }

  /// −log₂ of the probability of all its pitches.
  double bits() const {
    double probability = 0;
    // The largest is factored out: 2^−200 is no float, and sums of such numbers need not be one.
    double largest = -std::numeric_limits<double>::infinity();
    for (const double log2 : log2_) largest = std::max(largest, log2);
    for (std::size_t k = 0; k < plans_.size(); ++k)
      probability += plans_[k].probability * std::exp2(log2_[k] - largest);
    return -(largest + std::log2(probability));
  }

 private:
  int chord(std::size_t plan, int bar, std::optional<bool> closed) const {
    if (bar == 3) return *closed ? 0 : 4;
    return plans_[plan].chords[bar];
  }

  // The first bar of a phrase begins with a degree that tells which phrase it is; a cadence has its own last one.
  std::vector<double> likely(std::size_t plan, int bar, char letter, int at, bool last,
                             std::optional<bool> closed) const {
    const Place place{now_.previous, now_.leap, chord(plan, bar, closed), carries_chord(rhythms_.meter, at)};
    if (bar == 0 && at == 0) return first_degree(letter);
    return last && closed ? last_degree(place, *closed) : next_degree(place);
  }

  void add_bar(std::vector<Sound>& to, const std::vector<int>& rhythm, int bar, char letter,
               std::optional<bool> closed) {
    std::size_t last = rhythm.size();
    while (rhythm[--last] < 0) {
    }
    int at = 0;
    for (std::size_t i = 0; i < rhythm.size(); ++i) {
      const int own = chord(plan_, bar, closed);
      if (rhythm[i] < 0) {
        to.push_back({{}, -rhythm[i], own});
        continue;
      }
      const std::size_t drawn = choices_.draw(likely(plan_, bar, letter, at, i == last, closed));
      const int degree = int(drawn) + lowest_degree;
      const int pitch = scale_.pitch(degree, own);
      for (std::size_t k = 0; k < plans_.size(); ++k) {
        const bool sounds_the_same = scale_.pitch(degree, chord(k, bar, closed)) == pitch;
        const double probability = likely(k, bar, letter, at, i == last, closed)[drawn];
        log2_[k] += sounds_the_same ? std::log2(probability) : -std::numeric_limits<double>::infinity();
      }
      now_ = {degree, bar == 0 && at == 0 ? 0 : degree - now_.previous};
      to.push_back({degree, rhythm[i], own});
      at += rhythm[i];
    }
  }

  struct Now {
    int previous = 0, leap = 0;
  };
  const std::vector<Plan>& plans_;
  const Rhythms& rhythms_;
  const Scale& scale_;
  Choices& choices_;
  std::size_t plan_ = 0;
  Now now_, after_body_;
  std::vector<Sound> body_, endings_[2];
  std::vector<double> log2_;  // of the probability of the pitches under each plan
};

void append(Melody& melody, const std::vector<Sound>& phrase, const Scale& scale, Ticks& at) {
  const Ticks bar = melody.meter.bar();
  for (const auto& [degree, sixteenths, chord] : phrase) {
    if (at % bar == 0) {
      const bool minor = scale.minor ? (chord != 4 && chord != 5) : (chord == 1 || chord == 5);
      melody.chords.push_back({at, static_cast<std::uint8_t>((scale.pitch(chord, 0) % 12 + 12) % 12),
                               minor ? Chord::Kind::minor : Chord::Kind::major});
    }
    const Ticks duration = static_cast<Ticks>(sixteenths) * (ticks_of_whole / 16);
    melody.events.push_back({degree ? scale.pitch(*degree, chord) : rest, duration, at % bar});
    at += duration;
  }
}

}  // namespace

}  // namespace composing

using namespace composing;

Composition compose(std::uint32_t seed, std::size_t number) {
  constexpr std::uint64_t purpose = 0x636f6d706f7365;  // no other stream has this seed
  Choices choices(combine_seeds({seed, purpose, number}));
  Melody melody;
  melody.title = fmt::format("Composed tune {} of seed {}", number, seed);

  const Rhythms& rhythms = all_rhythms()[choices.draw({0.25, 0.25, 0.25, 0.25})];
  melody.meter = rhythms.meter;
  const bool minor = choices.counted({1 - minor_probability, minor_probability}) == 1;
  melody.key = {int(choices.draw(std::vector<double>(6, 1.0 / 6))) - 2, minor};  // two flats to three sharps
  melody.tempo = rhythms.meter.unit == 8 ? 150 : 112;
  const Scale scale{(minor ? 57 : 60) - semitones_to_c(melody.key), minor};

  const Form& form = forms()[choices.counted([] {
    std::vector<double> likely;
    for (const Form& one : forms()) likely.push_back(one.probability);
    return likely;
  }())];
  std::map<char, Phrase> phrases;
  Ticks at = 0;
  for (int i = 0; i < 4; ++i) {
    const char letter = form.phrases[i];
    const auto found = phrases.try_emplace(letter, letter, rhythms, scale, choices).first;
    append(melody, found->second.with_ending(i % 2 == 1), scale, at);
  }
  double bits = choices.bits();
  for (const auto& [letter, phrase] : phrases) bits += phrase.bits();
  return {std::move(melody), bits};
}

std::vector<Composition> compose_many(std::uint32_t seed, std::size_t first, std::size_t count) {
  std::vector<Composition> tunes;
  tunes.reserve(count);
  for (std::size_t i = 0; i < count; ++i) tunes.push_back(compose(seed, first + i));
  return tunes;
}

double entropy_of_event(const std::vector<Composition>& tunes) {
  double bits = 0, events = 0;
  for (const auto& [melody, own] : tunes) {
    bits += own;
    events += double(melody.events.size() + 1);
  }
  return bits / events;
}

}  // namespace rnn
