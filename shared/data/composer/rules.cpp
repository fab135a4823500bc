module;
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <numeric>
#include <vector>

// The composer's rules: which rhythms, chords and steps there are, and how likely each is.
module rnn.data.composer;

import rnn.data.melody;

namespace rnn::composing {

namespace {

void normalize(std::vector<double>& weights) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight /= sum;
}

void normalize(std::vector<Rhythm>& rhythms) {
  double sum = 0;
  for (const Rhythm& rhythm : rhythms) sum += rhythm.weight;
  for (Rhythm& rhythm : rhythms) rhythm.weight /= sum;
}

std::vector<Rhythms> make_rhythms() {
  std::vector<Rhythms> all = {
      {{2, 4},
       {{{4, 4}, 3}, {{4, 2, 2}, 4}, {{2, 2, 4}, 4}, {{2, 2, 2, 2}, 5}, {{6, 2}, 2}, {{2, 1, 1, 4}, 1}, {{3, 1, 4}, 1}},
       {{{8}, 3}, {{4, -4}, 2}, {{4, 4}, 1}, {{2, 2, 4}, 1}}},
      {{3, 4},
       {{{4, 4, 4}, 5}, {{8, 4}, 4}, {{4, 2, 2, 4}, 3}, {{4, 4, 2, 2}, 2}, {{6, 2, 4}, 3}, {{2, 2, 4, 4}, 2}},
       {{{12}, 3}, {{8, -4}, 3}, {{4, 8}, 1}}},
      {{4, 4},
       {{{4, 4, 4, 4}, 4},
        {{4, 4, 8}, 2},
        {{8, 4, 4}, 2},
        {{4, 2, 2, 4, 4}, 3},
        {{6, 2, 4, 4}, 2},
        {{2, 2, 2, 2, 4, 4}, 3},
        {{4, 4, 2, 2, 2, 2}, 2},
        {{2, 2, 2, 2, 2, 2, 2, 2}, 2}},
       {{{16}, 2}, {{12, -4}, 3}, {{4, 4, 8}, 2}, {{8, 8}, 1}}},
      {{6, 8},
       {{{2, 2, 2, 2, 2, 2}, 5},
        {{4, 2, 4, 2}, 5},
        {{4, 2, 2, 2, 2}, 3},
        {{2, 2, 2, 4, 2}, 3},
        {{6, 4, 2}, 2},
        {{2, 2, 2, 6}, 2}},
       {{{6, 4, -2}, 3}, {{4, 2, 6}, 2}, {{12}, 1}}},
  };
  for (Rhythms& rhythms : all) {
    normalize(rhythms.bars);
    normalize(rhythms.cadences);
  }
  return all;
}

// Root, third and fifth, in any octave.
bool is_in_chord(int degree, int chord) {
  const int above = ((degree - chord) % 7 + 7) % 7;
  return above == 0 || above == 2 || above == 4;
}

// Mostly steps, some thirds, few leaps.
double weight_of_interval(int degrees_up) {
  constexpr double weights[] = {0.5, 2.4, 1.0, 0.3, 0.25, 0.08, 0.02, 0.1};
  const auto size = static_cast<std::size_t>(std::abs(degrees_up));
  return size < std::size(weights) ? weights[size] : 0.005;
}

double weight_of(const Place& place, int degree) {
  const int up = degree - place.previous;
  double weight = weight_of_interval(up) * std::exp(-0.03 * (degree - 3) * (degree - 3));
  // A leap is followed by a turn, as in tunes that people sing.
  if (std::abs(place.leap) >= 3 && up * place.leap > 0) weight *= 0.2;
  if (is_in_chord(degree, place.chord)) weight *= place.beat ? 8 : 1.5;
  return weight;
}

std::vector<double> of_degrees(std::initializer_list<std::pair<int, double>> likely) {
  std::vector<double> probabilities(degrees, 0.0);
  for (const auto& [degree, probability] : likely) {
    probabilities[static_cast<std::size_t>(degree - lowest_degree)] = probability;
  }
  return probabilities;
}

}  // namespace

const std::vector<Rhythms>& all_rhythms() {
  static const std::vector<Rhythms> all = make_rhythms();
  return all;
}

std::vector<double> next_degree(const Place& place) {
  std::vector<double> weights;
  for (int degree = lowest_degree; degree <= highest_degree; ++degree) weights.push_back(weight_of(place, degree));
  normalize(weights);
  return weights;
}

const std::vector<Plan>& plans(char phrase) {
  static const std::vector<Plan> a = {{{0, 0, 3}, 0.4}, {{0, 3, 4}, 0.3}, {{0, 5, 3}, 0.2}, {{0, 4, 0}, 0.1}};
  static const std::vector<Plan> b = {{{3, 0, 4}, 0.5}, {{5, 1, 4}, 0.3}, {{1, 4, 0}, 0.2}};
  static const std::vector<Plan> c = {{{4, 0, 3}, 0.6}, {{4, 5, 1}, 0.4}};
  return phrase == 'A' ? a : phrase == 'B' ? b : c;
}

std::vector<double> first_degree(char phrase) {
  if (phrase == 'A') return of_degrees({{0, 0.4}, {2, 0.25}, {4, 0.35}});
  if (phrase == 'B') return of_degrees({{3, 0.35}, {5, 0.45}, {7, 0.2}});
  return of_degrees({{1, 0.3}, {6, 0.3}, {8, 0.4}});
}

std::vector<double> last_degree(const Place& place, bool closed) {
  std::vector<double> weights(degrees, 0.0);
  for (const int degree : closed ? std::vector{0, 7} : std::vector{-3, 1, 4, 8}) {
    weights[static_cast<std::size_t>(degree - lowest_degree)] = weight_of(place, degree);
  }
  normalize(weights);
  return weights;
}

const std::vector<Form>& forms() {
  static const std::vector<Form> all = {{"AABA", 0.3},  {"AABB", 0.2}, {"ABAB", 0.15},
                                        {"AABC", 0.15}, {"ABAC", 0.1}, {"ABCA", 0.1}};
  return all;
}

}  // namespace rnn::composing
