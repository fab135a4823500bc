#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstddef>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

import rnn.data.composer;
import rnn.data.melody;

using namespace rnn;
using namespace rnn::composing;

namespace {

double sum(const std::vector<double>& all) { return std::accumulate(all.begin(), all.end(), 0.0); }

using Bar = std::vector<Event>;

std::vector<Bar> bars_of(const Melody& melody) {
  std::vector<Bar> bars;
  for (const Event& event : melody.events) {
    if (event.position == 0) bars.emplace_back();
    bars.back().push_back(event);
  }
  return bars;
}

/// The probability of a tune from the rules and from nothing but its notes: the sum over everything that the composer
/// may have had in mind.
class Listener {
 public:
  explicit Listener(const Melody& melody)
      : bars_(bars_of(melody)), minor_(melody.key.minor), tonic_((minor_ ? 57 : 60) - semitones_to_c(melody.key)) {
    for (const Rhythms& one : all_rhythms()) {
      if (one.meter == melody.meter) rhythms_ = &one;
    }
  }

  double probability() const {
    double all = 0;
    for (const Form& form : forms()) all += form.probability * of_form(form.phrases);
    return all * (minor_ ? minor_probability : 1 - minor_probability);
  }
  int possible_forms() const {
    return int(std::ranges::count_if(forms(), [&](const Form& form) { return of_form(form.phrases) > 0; }));
  }

 private:
  double of_form(const char* letters) const {
    std::map<char, std::vector<int>> by_letter;
    for (int i = 0; i < 4; ++i) by_letter[letters[i]].push_back(i);
    double probability = 1;
    for (const auto& [letter, where] : by_letter) probability *= of_letter(letter, where);
    return probability;
  }

  double of_letter(char letter, const std::vector<int>& where) const {
    std::map<bool, int> endings;  // closed: the phrase that has it
    for (const int i : where) {
      for (int bar = 0; bar < 3; ++bar) {
        if (bars_[4 * i + bar] != bars_[4 * where[0] + bar]) return 0;
      }
      const auto [found, is_new] = endings.emplace(i % 2 == 1, i);
      if (!is_new && bars_[4 * i + 3] != bars_[4 * found->second + 3]) return 0;
    }
    const int body = 4 * where[0];
    double rhythm = of_rhythm(bars_[body], rhythms_->bars);
    for (const int bar : {1, 2}) {
      rhythm *= rhythm_repeats * (lengths(bars_[body + bar]) == lengths(bars_[body])) +
                (1 - rhythm_repeats) * of_rhythm(bars_[body + bar], rhythms_->bars);
    }
    for (const auto& [closed, i] : endings) rhythm *= of_rhythm(bars_[4 * i + 3], rhythms_->cadences);

    double pitches = 0;
    for (const Plan& plan : plans(letter)) {
      double own = plan.probability;
      Place place{};
      for (int bar = 0; bar < 3; ++bar)
        own *= of_pitches(bars_[body + bar], plan.chords[bar], bar == 0 ? letter : 0, 0, place);
      for (const auto& [closed, i] : endings) {
        Place from = place;
        own *= of_pitches(bars_[4 * i + 3], closed ? 0 : 4, 0, closed ? 'c' : 'o', from);
      }
      pitches += own;
    }
    return rhythm * pitches;
  }

  static std::vector<int> lengths(const Bar& bar) {
    std::vector<int> all;
    for (const Event& event : bar)
      all.push_back(int(event.duration / (ticks_of_whole / 16)) * (event.pitch == rest ? -1 : 1));
    return all;
  }
  static double of_rhythm(const Bar& bar, const std::vector<Rhythm>& rhythms) {
    for (const Rhythm& one : rhythms) {
      if (one.sixteenths == lengths(bar)) return one.weight;
    }
    return 0;
  }

  double of_pitches(const Bar& bar, int chord, char first, char ending, Place& place) const {
    double probability = 1;
    for (std::size_t i = 0; i < bar.size(); ++i) {
      if (bar[i].pitch == rest) continue;
      const bool last = i + 1 == bar.size() || bar[i + 1].pitch == rest;
      const Ticks half = rhythms_->meter.beats % 2 == 0 ? rhythms_->meter.bar() / 2 : 0;
      place.chord = chord;
      place.beat = bar[i].position == 0 || bar[i].position == half;
      const bool begins = first != 0 && i == 0;
      const std::vector<double> likely = begins           ? first_degree(first)
                                         : last && ending ? last_degree(place, ending == 'c')
                                                          : next_degree(place);
      int degree = lowest_degree;
      while (degree <= highest_degree && pitch_of(degree, chord) != bar[i].pitch) ++degree;
      if (degree > highest_degree) return 0;
      probability *= likely[std::size_t(degree - lowest_degree)];
      place.leap = begins ? 0 : degree - place.previous;
      place.previous = degree;
    }
    return probability;
  }

  int pitch_of(int degree, int chord) const {
    const int major[] = {0, 2, 4, 5, 7, 9, 11}, minor[] = {0, 2, 3, 5, 7, 8, 10};
    const int octave = int(std::floor(degree / 7.0)), step = degree - 7 * octave;
    return tonic_ + 12 * octave + (minor_ ? minor : major)[step] + (minor_ && chord == 4 && step == 6);
  }

  std::vector<Bar> bars_;
  bool minor_;
  int tonic_;
  const Rhythms* rhythms_ = nullptr;
};

}  // namespace

BOOST_AUTO_TEST_CASE(the_probabilities_of_every_choice_add_up_to_1) {
  double all_forms = 0;
  for (const Form& form : forms()) all_forms += form.probability;
  BOOST_TEST(std::abs(all_forms - 1) < 1e-12);
  for (const char phrase : {'A', 'B', 'C'}) {
    BOOST_TEST(std::abs(sum(first_degree(phrase)) - 1) < 1e-12);
    double all_plans = 0;
    for (const Plan& plan : plans(phrase)) all_plans += plan.probability;
    BOOST_TEST(std::abs(all_plans - 1) < 1e-12);
  }
  for (int previous = lowest_degree; previous <= highest_degree; ++previous) {
    for (int leap = -7; leap <= 7; ++leap) {
      for (int chord = 0; chord < 7; ++chord) {
        for (const bool beat : {false, true}) {
          const Place place{previous, leap, chord, beat};
          for (const auto& likely : {next_degree(place), last_degree(place, true), last_degree(place, false)}) {
            BOOST_TEST_REQUIRE(std::abs(sum(likely) - 1) < 1e-12);
            BOOST_TEST_REQUIRE(std::ranges::min(likely) >= 0);
          }
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(rhythms_fill_their_bars_and_can_be_told_apart) {
  for (const Rhythms& rhythms : all_rhythms()) {
    for (const auto* list : {&rhythms.bars, &rhythms.cadences}) {
      std::set<std::vector<int>> different;
      double weights = 0;
      for (const Rhythm& rhythm : *list) {
        int sixteenths = 0;
        for (const int length : rhythm.sixteenths) sixteenths += std::abs(length);
        BOOST_TEST(Ticks(sixteenths) * (ticks_of_whole / 16) == rhythms.meter.bar());
        weights += rhythm.weight;
        different.insert(rhythm.sixteenths);
      }
      BOOST_TEST(std::abs(weights - 1) < 1e-12);
      BOOST_TEST(different.size() == list->size());
    }
  }
}

BOOST_AUTO_TEST_CASE(the_bits_of_a_tune_are_what_the_rules_say_of_its_notes) {
  std::map<int, int> meters;
  for (const auto& [melody, bits] : compose_many(3, 0, 400)) {
    const Listener listener(melody);
    BOOST_TEST_REQUIRE(std::abs(bits + std::log2(listener.probability())) < 1e-6,
                       melody.title << ": " << bits << " bits, not " << -std::log2(listener.probability()));
    BOOST_TEST_REQUIRE(listener.possible_forms() == 1);
    ++meters[int(melody.meter.beats * 10 + melody.meter.unit)];
  }
  BOOST_TEST(meters.size() == 4u);
}

BOOST_AUTO_TEST_CASE(a_tune_is_sixteen_full_bars_and_comes_home) {
  for (const auto& [melody, bits] : compose_many(1, 0, 300)) {
    BOOST_TEST(length_of(melody) == 16 * std::uint64_t(melody.meter.bar()));
    Ticks position = 0;
    for (const Event& event : melody.events) {
      BOOST_TEST_REQUIRE(event.position == position);
      position = (position + event.duration) % melody.meter.bar();
    }
    const Melody c = transposed(melody, semitones_to_c(melody.key));
    const auto last =
        std::ranges::find_if(c.events.rbegin(), c.events.rend(), [](const Event& e) { return e.pitch != rest; });
    BOOST_TEST(last->pitch % 12 == (melody.key.minor ? 9 : 0));
  }
}

BOOST_AUTO_TEST_CASE(the_same_seed_composes_the_same_tunes_and_others_compose_others) {
  const Composition one = compose(7, 12);
  BOOST_TEST((compose_many(7, 10, 5)[2].melody.events == one.melody.events));
  BOOST_TEST(compose_many(7, 10, 5)[2].bits == one.bits);
  BOOST_TEST((compose(8, 12).melody.events != one.melody.events));
  BOOST_TEST((compose(7, 13).melody.events != one.melody.events));
}

BOOST_AUTO_TEST_CASE(the_tunes_of_a_seed_are_the_same_on_every_machine) {
  const Melody melody = compose(1, 0).melody;
  std::string notes, chords;
  for (std::size_t i = 0; i < 12; ++i) {
    notes += pitch_name(melody.events[i].pitch) + ':' + duration_name(melody.events[i].duration) + ' ';
  }
  for (const Chord& chord : melody.chords) chords += chord_name(chord) + ' ';
  BOOST_TEST(notes == "G4:1/2 A4:1/2 G4:1/2 G4:1 G4:1/2 G4:1/2 F4:1/2 G4:1/2 E4:1/2 C5:1/2 B4:1/2 A4:1/2 ");
  BOOST_TEST(chords == "C C F G C C F C Am Dm G G G C F C ");
  // What predictors are measured against.
  BOOST_TEST(entropy_of_event(compose_many(1, 0, 300)) == 1.7929993452548505, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(every_bar_has_a_chord_of_the_key_and_phrases_end_on_the_fifth_or_at_home) {
  for (const auto& [melody, bits] : compose_many(1, 0, 200)) {
    const Melody c = transposed(melody, semitones_to_c(melody.key));
    BOOST_TEST_REQUIRE(c.chords.size() == 16u);
    const std::set<std::string> in_key = melody.key.minor ? std::set<std::string>{"Am", "Bm", "Dm", "E", "F"}
                                                          : std::set<std::string>{"C", "Dm", "F", "G", "Am"};
    for (std::size_t bar = 0; bar < 16; ++bar) {
      BOOST_TEST(c.chords[bar].at == bar * melody.meter.bar());
      BOOST_TEST(in_key.contains(chord_name(c.chords[bar])), chord_name(c.chords[bar]));
    }
    for (const std::size_t bar : {3, 11}) BOOST_TEST(chord_name(c.chords[bar]) == (melody.key.minor ? "E" : "G"));
    for (const std::size_t bar : {7, 15}) BOOST_TEST(chord_name(c.chords[bar]) == (melody.key.minor ? "Am" : "C"));
  }
}

BOOST_AUTO_TEST_CASE(a_tune_has_a_name_a_key_of_few_signs_and_the_tempo_of_its_meter) {
  std::set<int> sharps;
  for (std::size_t number = 0; number < 100; ++number) {
    const Melody melody = compose(7, number).melody;
    BOOST_TEST(melody.title == "Composed tune " + std::to_string(number) + " of seed 7");
    BOOST_TEST(melody.tempo == (melody.meter.unit == 8 ? 150 : 112));
    sharps.insert(melody.key.sharps);
  }
  BOOST_TEST(sharps == (std::set<int>{-2, -1, 0, 1, 2, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_entropy_counts_the_end_of_each_tune_as_an_event) {
  const std::vector<Composition> tunes = {{{"", {}, {}, 120, {{60, 1}, {60, 1}}, {}}, 5},
                                          {{"", {}, {}, 120, {{60, 1}}, {}}, 2.5}};
  BOOST_TEST(entropy_of_event(tunes) == 1.5);
}

BOOST_AUTO_TEST_CASE(choices_are_as_frequent_as_their_probabilities) {
  const std::vector<Composition> tunes = compose_many(5, 0, 4000);
  double minor = 0;
  std::map<std::string, double> repeated;  // whether the second phrase begins as the first does
  for (const auto& [melody, bits] : tunes) {
    minor += melody.key.minor;
    const std::vector<Bar> bars = bars_of(melody);
    repeated["AA"] += bars[0] == bars[4] && bars[1] == bars[5];
  }
  BOOST_TEST(std::abs(minor / 4000 - minor_probability) < 0.03);
  BOOST_TEST(std::abs(repeated["AA"] / 4000 - 0.65) < 0.03);  // AABA, AABB and AABC
}
