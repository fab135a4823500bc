module;
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

module rnn.network.listening;

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.data.event_vocabulary;
import rnn.linalg.matrix;
import rnn.network.embedding;
import rnn.network.loss;
import rnn.network.melody_network;

namespace rnn {

namespace {

/// A tune as the network hears it: before each event, the one before that and the place where it begins.
struct Heard {
  std::vector<Index> pitch, duration, place;

  explicit Heard(const EncodedMelody& tune)
      : pitch(delayed(tune.pitch)), duration(delayed(tune.duration)), place(tune.place.begin(), tune.place.end()) {}

  MelodyInput input() const {
    return {.steps = pitch.size(), .batch = 1, .pitch = pitch, .duration = duration, .place = place};
  }

 private:
  static std::vector<Index> delayed(const std::vector<std::uint32_t>& events) {
    std::vector<Index> before(events.begin(), events.end());
    before.insert(before.begin(), 0);
    before.pop_back();
    return before;
  }
};

/// −ln P of event t, from the states up to it.
Var surprise_of_event(const MelodyOnTape& network, Var states, const EncodedMelody& tune, Index t) {
  const Index row[] = {t}, pitch[] = {tune.pitch[t]}, duration[] = {tune.duration[t]};
  const Var state = gather_rows(states, row);
  const Var of_pitch = softmax_cross_entropy(network.pitch_logits(state), pitch);
  if (tune.pitch[t] == EventVocabulary::end_of_tune) return of_pitch;
  return add(of_pitch, softmax_cross_entropy(network.duration_logits(state, pitch), duration));
}

Real norm(ConstView numbers) {
  double sum = 0;
  for (Index i = 0; i < numbers.rows; ++i) {
    for (Index j = 0; j < numbers.columns; ++j) sum += double(numbers(i, j)) * double(numbers(i, j));
  }
  return static_cast<Real>(std::sqrt(sum));
}

}  // namespace

Matrix states_of(const MelodyNetwork& network, const EncodedMelody& tune) {
  Tape tape(Tape::Mode::evaluate);
  return to_matrix(network.on(tape).read(Heard(tune).input()).states.value());
}

Matrix influence_of(const MelodyNetwork& network, const EncodedMelody& tune, Index events, Index back) {
  const Heard heard(tune);
  Tape tape(Tape::Mode::evaluate);
  const Matrix x = to_matrix(network.on(tape).heard(heard.input()).value());
  const Index of_event = network.shape().embedding + (network.shape().embedding + 1) / 2;  // columns: pitch, duration

  Matrix norms(std::min(events, tune.size()), back, Real(0));
  Tape passes;
  for (Index t = 1; t < norms.size1(); ++t) {  // nothing comes before the first
    // What comes after event t has no part in its prediction.
    passes.clear();
    const MelodyOnTape on_tape = network.on(passes);
    const Var own = passes.variable(ConstView(x).rows_from(0, t + 1));
    const Var states = on_tape.read(own, {.steps = t + 1, .batch = 1}).states;
    passes.backward(surprise_of_event(on_tape, states, tune, t));
    for (Index k = 0; k < std::min(back, t); ++k) {
      norms(t, k) = norm(ConstView(own.gradient()).rows_from(t - k, 1).columns_from(0, of_event));
    }
  }
  return norms;
}

std::vector<double> explained_by(ConstView values, std::span<const Index> group) {
  std::vector<double> parts;
  for (Index j = 0; j < values.columns; ++j) {
    struct Sum {
      double sum = 0, count = 0;
    };
    std::map<Index, Sum> groups;
    double sum = 0, squares = 0;
    for (Index i = 0; i < values.rows; ++i) {
      const double value = values(i, j);
      groups[group[i]].sum += value;
      ++groups[group[i]].count;
      sum += value;
      squares += value * value;
    }
    const double mean = sum / double(values.rows), all = squares - sum * mean;
    double between = 0;
    for (const auto& [number, one] : groups) {
      const double difference = one.sum / one.count - mean;
      between += one.count * difference * difference;
    }
    parts.push_back(all > 0 ? std::clamp(between / all, 0.0, 1.0) : 0);
  }
  return parts;
}

}  // namespace rnn
