module;
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

module rnn.training.next_event;

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.random;
import rnn.data.batches;
import rnn.data.event_vocabulary;
import rnn.linalg.matrix;
import rnn.network.embedding;
import rnn.network.loss;
import rnn.network.melody_network;
import rnn.training.shards;

namespace rnn {

namespace {

// The purpose of a stream of random numbers: a part of its seed.
enum Stream : std::uint64_t { dropout_stream = 1, key_stream = 2 };

/// The longest tune first; those of the same length stay in their order.
std::vector<const EncodedMelody*> longest_first(const std::vector<const EncodedMelody*>& tunes) {
  std::vector<std::pair<Index, Index>> order;
  for (Index i = 0; i < tunes.size(); ++i) order.emplace_back(tunes[i]->size(), tunes.size() - i);
  std::ranges::sort(order, std::ranges::greater());
  std::vector<const EncodedMelody*> sorted;
  for (const auto& [size, place] : order) sorted.push_back(tunes[tunes.size() - place]);
  return sorted;
}

/// Steps first … first + steps − 1 of some tunes as a network reads them, and what it is to say.
struct Window {
  Index steps, batch;
  std::vector<Index> pitch, duration, place;          // what it hears: the event before, and where the next one begins
  std::vector<Index> lengths;                         // of the tunes, in this window
  std::vector<Index> rows, pitches;                   // the rows that predict an event, and its pitch …
  std::vector<Index> rows_of_durations, its_pitches;  // … those that predict a duration, for which pitch …
  std::vector<Index> durations;                       // … and which

  Window(std::span<const EncodedMelody* const> tunes, Index first, Index most) : steps(0), batch(tunes.size()) {
    for (const EncodedMelody* tune : tunes) {
      lengths.push_back(tune->size() <= first ? 0 : std::min(most, tune->size() - first));
      steps = std::max(steps, lengths.back());
    }
    for (auto* numbers : {&pitch, &duration, &place}) numbers->assign(steps * batch, 0);
    for (Index t = 0; t < steps; ++t) {
      for (Index i = 0; i < batch; ++i) {
        if (t < lengths[i]) add(*tunes[i], first + t, t * batch + i);
      }
    }
  }

 private:
  void add(const EncodedMelody& tune, Index now, Index row) {
    if (now > 0) {
      pitch[row] = tune.pitch[now - 1];
      duration[row] = tune.duration[now - 1];
    }
    place[row] = tune.place[now];
    rows.push_back(row);
    pitches.push_back(tune.pitch[now]);
    if (tune.pitch[now] == EventVocabulary::end_of_tune) return;
    rows_of_durations.push_back(row);
    its_pitches.push_back(tune.pitch[now]);
    durations.push_back(tune.duration[now]);
  }
};

/// −ln P of the window's pitches and durations, divided by `events`. Rows past a tune's end are left out before they
/// reach the heads.
struct Losses {
  Var pitch, duration;  // duration is empty where there is none
};
Losses losses_of(const MelodyOnTape& network, Var states, const Window& window, Index events) {
  const Var of_pitches = network.pitch_logits(gather_rows(states, window.rows));
  Losses losses{softmax_cross_entropy(of_pitches, window.pitches, events), {}};
  if (window.durations.empty()) return losses;
  const Var of_durations = network.duration_logits(gather_rows(states, window.rows_of_durations), window.its_pitches);
  losses.duration = softmax_cross_entropy(of_durations, window.durations, events);
  return losses;
}

}  // namespace

TuneBatch::TuneBatch(const std::vector<const EncodedMelody*>& tunes, Index segment, Index carry, std::uint64_t seed)
    : tunes_(longest_first(tunes)), segment_(segment), seed_(seed) {
  for (Matrix& carries : carries_) {
    resize(carries, tunes_.size(), carry);
    fill(carries, Real(0));
  }
}

Index TuneBatch::segments() const { return (tunes_.front()->size() + segment_ - 1) / segment_; }

Index TuneBatch::tunes(Index segment) const {
  return Index(
      std::ranges::count_if(tunes_, [&](const EncodedMelody* tune) { return tune->size() > segment * segment_; }));
}

Index TuneBatch::events(Index segment) const {
  Index sum = 0;
  for (const EncodedMelody* tune : tunes_) {
    if (tune->size() > segment * segment_) sum += std::min(segment_, tune->size() - segment * segment_);
  }
  return sum;
}

Index TuneBatch::events() const {
  Index sum = 0;
  for (const EncodedMelody* tune : tunes_) sum += tune->size();
  return sum;
}

View TuneBatch::carries_after(Index segment) { return View(carries_[(segment + 1) % 2]).rows_from(0, tunes(segment)); }

NextEvent::NextEvent(const MelodyNetwork& network, std::span<const Variants> tunes, const NextEventOptions& options)
    : network_(network), tunes_(tunes), options_(options) {
  if (tunes.empty()) throw std::invalid_argument("NextEvent: there must be at least one tune");
  if (options.batch == 0 || options.segment == 0) {
    throw std::invalid_argument("NextEvent: batch and segment must be at least 1");
  }
}

Index NextEvent::steps() const { return (tunes_.size() + options_.batch - 1) / options_.batch; }

std::vector<std::uint32_t> NextEvent::order(Index epoch) const {
  return shuffled_order(tunes_.size(), options_.seed, static_cast<std::uint32_t>(epoch));
}

TuneBatch NextEvent::batch(std::span<const std::uint32_t> order, Index epoch, Index step) const {
  const Index first = step * options_.batch;
  std::vector<const EncodedMelody*> tunes;
  for (const std::uint32_t which : order.subspan(first, std::min(options_.batch, order.size() - first))) {
    const Variants& variants = tunes_[which];
    const std::uint64_t random = combine_seeds({options_.seed, key_stream, epoch, which});
    tunes.push_back(&variants[random % variants.size()]);
  }
  return {tunes, options_.segment, network_.carry_size(), combine_seeds({options_.seed, dropout_stream, epoch, step})};
}

Var NextEvent::loss(Tape& tape, TuneBatch& batch, Index segment, const Shard& shard, View gradients) const {
  const Window window(std::span(batch.tunes_).subspan(shard.first, shard.count), segment * batch.segment_,
                      batch.segment_);
  const MelodyOnTape network = network_.on(tape, gradients);
  const auto [states, carry] =
      network.read({.steps = window.steps,
                    .batch = window.batch,
                    .pitch = window.pitch,
                    .duration = window.duration,
                    .place = window.place,
                    .lengths = window.lengths,
                    .carry = ConstView(batch.carries_[segment % 2]).rows_from(shard.first, shard.count),
                    .keep = options_.keep,
                    .dropout_seed = combine_seeds({batch.seed_, segment, shard.number})});
  copy(carry.value(), batch.carries_after(segment).rows_from(shard.first, shard.count));
  const auto [of_pitch, of_duration] = losses_of(network, states, window, batch.events(segment));
  return of_duration.empty() ? of_pitch : add(of_pitch, of_duration);
}

double Surprise::perplexity() const { return std::exp2(bits_of_event()); }

Surprise surprise_of(const MelodyNetwork& network, std::span<const EncodedMelody> tunes, ShardSum& shards) {
  Surprise result;
  std::vector<const EncodedMelody*> sorted;
  for (const EncodedMelody& tune : tunes) sorted.push_back(&tune);
  sorted = longest_first(sorted);  // those of one shard then have about the same length
  for (const EncodedMelody* tune : sorted) result.events += double(tune->size());
  double nats[2] = {};
  const auto measure = [&](Tape& tape, const Shard& shard, std::span<double> numbers) {
    const std::span<const EncodedMelody* const> own = std::span(sorted).subspan(shard.first, shard.count);
    const Window window(own, 0, own.front()->size());
    const MelodyOnTape on_tape = network.on(tape);
    const Var states = on_tape
                           .read({.steps = window.steps,
                                  .batch = window.batch,
                                  .pitch = window.pitch,
                                  .duration = window.duration,
                                  .place = window.place,
                                  .lengths = window.lengths})
                           .states;
    const auto [of_pitch, of_duration] = losses_of(on_tape, states, window, 1);
    numbers[0] = of_pitch.value()(0, 0);
    if (!of_duration.empty()) numbers[1] = of_duration.value()(0, 0);
  };
  shards.sums(tunes.size(), measure, nats);
  result.pitch_bits = nats[0] / std::log(2.0);
  result.duration_bits = nats[1] / std::log(2.0);
  return result;
}

EarlyStopping::EarlyStopping(std::span<const double> losses, Index patience) {
  if (losses.empty()) return;
  const auto least = std::ranges::min_element(losses);  // the first of them
  const auto since = static_cast<Index>(losses.end() - least) - 1;
  improved_ = since == 0;
  stops_ = patience > 0 && since >= patience;
}

}  // namespace rnn
