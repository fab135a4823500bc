module;
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// 08_melody look: what a prediction depends on, and a neuron that counts.
module melody.commands;

import melody.options;
import melody.tunes;
import rnn.base.file;
import rnn.console.options;
import rnn.data.event_vocabulary;
import rnn.data.melody;
import rnn.linalg.matrix;
import rnn.network.listening;
import rnn.training.melody_file;

using namespace rnn;

namespace melody {

namespace {

constexpr Index back = 32;  // events

/// How much each of the last events counts, on average over a tune, as lines with bars; the last one is 1.
std::string influence_table(const Matrix& norms) {
  std::vector<double> mean(back, 0.0);
  for (Index k = 0; k < back; ++k) {
    double sum = 0, count = 0;
    for (Index t = k + 1; t < norms.size1(); ++t, ++count) sum += norms(t, k);
    if (count > 0) mean[k] = sum / count;
  }
  std::string text = "how much a prediction depends on an event, by how many events ago it was\n";
  const double most = *std::ranges::max_element(mean);
  for (Index k = 0; k < back && k + 1 < norms.size1(); ++k) {
    const double part = most > 0 ? mean[k] / most : 0;
    std::string bar;
    for (int i = 0; i < int(std::lround(40 * part)); ++i) bar += "█";
    text += fmt::format("{:>4}{:>8.3f}  {}\n", k + 1, part, bar);
  }
  return text;
}

std::string influence_csv(const Melody& tune, const Matrix& norms) {
  std::string text = "event,pitch,duration,position";
  for (Index k = 0; k < back; ++k) text += fmt::format(",ago_{}", k + 1);
  for (Index t = 0; t < norms.size1(); ++t) {
    const bool end = t == tune.events.size();
    const Event event = end ? Event{rest, 0} : tune.events[t];
    text += fmt::format("\n{},{},{},{}", t, end ? "end" : pitch_name(event.pitch),
                        end ? "0" : duration_name(event.duration), end ? "0" : duration_name(event.position));
    for (Index k = 0; k < back; ++k) text += fmt::format(",{:.6g}", norms(t, k));
  }
  return text + "\n";
}

/// The states of many tunes in one meter, and where each was: which place in the bar, and which of every four bars.
struct Places {
  Meter meter;
  std::size_t tunes = 0;
  Matrix states;
  std::vector<Index> place, bar;
};

Meter most_frequent_meter(const std::vector<Melody>& tunes) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> counts;
  for (const Melody& tune : tunes) ++counts[{tune.meter.beats, tune.meter.unit}];
  const auto most = std::ranges::max_element(counts, {}, [](const auto& one) { return one.second; });
  return {most->first.first, most->first.second};
}

Places places_of(const SavedMelodyNetwork& saved, const std::vector<Melody>& tunes) {
  Places result{.meter = most_frequent_meter(tunes), .states = {}, .place = {}, .bar = {}};
  std::vector<Matrix> all;
  Index rows = 0;
  for (const Melody& tune : tunes) {
    if (tune.meter != result.meter) continue;
    ++result.tunes;
    const Ticks first = tune.events.front().position;
    std::uint64_t now = first;
    const std::uint64_t upbeat = first > 0 ? 1 : 0;  // the bar before the first whole one
    for (const Event& event : tune.events) {
      result.place.push_back(event.position);
      result.bar.push_back((now / tune.meter.bar() + 4 - upbeat) % 4);
      now += event.duration;
    }
    all.push_back(states_of(saved.network, saved.vocabulary.encode(tune)));
    rows += tune.events.size();
  }
  resize(result.states, rows, saved.network.shape().hidden);
  Index at = 0;
  for (const Matrix& states : all) {
    const Index events = states.size1() - 1;  // without the end of the tune
    copy(ConstView(states).rows_from(0, events), View(result.states).rows_from(at, events));
    at += events;
  }
  return result;
}

/// The neuron whose output these groups explain best.
struct Counter {
  std::size_t neuron = 0;
  double part = 0;
};
Counter best_counter(const Places& places, const std::vector<Index>& group) {
  const std::vector<double> parts = explained_by(places.states, group);
  const auto best = std::ranges::max_element(parts);
  return {std::size_t(best - parts.begin()), *best};
}

/// The mean outputs of both neurons at each place of each of four bars.
std::string neurons_csv(const Places& places, const Counter& of_place, const Counter& of_bar) {
  struct Sum {
    double place = 0, bar = 0, count = 0;
  };
  std::map<std::pair<Index, Index>, Sum> sums;
  for (Index i = 0; i < places.place.size(); ++i) {
    Sum& sum = sums[{places.bar[i], places.place[i]}];
    sum.place += places.states(i, of_place.neuron);
    sum.bar += places.states(i, of_bar.neuron);
    ++sum.count;
  }
  std::string text = "bar,position,quarters,events,place_neuron,bar_neuron\n";
  const double bar = double(places.meter.bar()) / ticks_of_quarter;
  for (const auto& [where, sum] : sums) {
    const double position = double(where.second) / ticks_of_quarter;
    text += fmt::format("{},{:.4f},{:.4f},{},{:.5f},{:.5f}\n", where.first, position,
                        bar * double(where.first) + position, sum.count, sum.place / sum.count, sum.bar / sum.count);
  }
  return text;
}

}  // namespace

int look(int argc, char** argv) {
  Options options("08_melody look",
                  "Looks into saved weights: which of the last events a prediction of a test tune depends on, as the\n"
                  "norm of the gradient of the prediction's logarithm in their embeddings; and which neuron follows\n"
                  "the place in the bar, or the number of the bar, in all test tunes of the most frequent meter.");
  options.group("Network");
  const auto init = options.input_file("init", "FILE", "weights or a checkpoint saved by training");
  options.required("init");
  const DataOptions data(options);
  const auto number = options.integer("tune", 0, {0, 1000000}, "which of the test tunes");
  const auto most = options.integer("events", 64, {2, 1000}, "how much of it, from its beginning", "N");
  options.group("Output");
  const auto influence = options.output_file("influence", "FILE", "a table: for each event, what its prediction needs");
  const auto neurons = options.output_file("neurons", "FILE", "a table: both neurons at each place of four bars");
  options.example("--init weights.safetensors --tune 3", "what the predictions of the fourth test tune depend on");

  return options.run(argc, argv, [&] {
    const SavedMelodyNetwork saved = load_melody_network(*init);
    Tunes tunes = data.load(options, true);
    const Encoded encoded = encode(tunes, data.keys(), saved.vocabulary);
    if (*number >= tunes.test.size()) {
      throw std::invalid_argument(
          fmt::format("--tune: expected less than the {} test tunes, got {}", tunes.test.size(), *number));
    }
    const Melody& tune = tunes.test[*number];
    const Matrix norms = influence_of(saved.network, encoded.test[*number], *most, back);
    std::cout << fmt::format("test tune {}: {} events in {}/{}\n", *number, tune.events.size(), tune.meter.beats,
                             tune.meter.unit)
              << influence_table(norms);
    const Places places = places_of(saved, tunes.test);
    const Counter of_place = best_counter(places, places.place), of_bar = best_counter(places, places.bar);
    std::cout << fmt::format("{} test tunes in {}/{}, {} events\n", places.tunes, places.meter.beats, places.meter.unit,
                             places.place.size())
              << fmt::format("neuron {}: {:.1f}% of its variance is explained by the place in the bar\n",
                             of_place.neuron, 100 * of_place.part)
              << fmt::format("neuron {}: {:.1f}% of its variance is explained by which of every four bars it is\n",
                             of_bar.neuron, 100 * of_bar.part);
    if (influence.given()) replace_file(*influence, influence_csv(tune, norms));
    if (neurons.given()) replace_file(*neurons, neurons_csv(places, of_place, of_bar));
    return 0;
  });
}

}  // namespace melody
