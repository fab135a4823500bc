module;
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

module rnn.network.melody_network;

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.error;
import rnn.base.random;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.embedding;
import rnn.network.initializers;
import rnn.network.layers;
import rnn.network.parameters;
import rnn.network.unroll;

namespace rnn {

// The parameters besides the cell's, which come first.
constexpr Index others = 7;

std::vector<CellParameter> MelodyNetwork::parameters_of(const MelodyShape& shape) {
  const Index e = shape.embedding, half = (e + 1) / 2;
  std::vector<CellParameter> all = find_cell_kind(shape.cell).parameters(e + 2 * half, shape.hidden);
  all.insert(all.end(), {{"pitch_embedding", shape.pitches, e},
                         {"duration_embedding", shape.durations, half},
                         {"place_embedding", shape.places, half},
                         {"w_pitch", shape.hidden, shape.pitches},
                         {"b_pitch", 1, shape.pitches},
                         {"w_duration", shape.hidden + e, shape.durations},
                         {"b_duration", 1, shape.durations}});
  return all;
}

MelodyNetwork::MelodyNetwork(const MelodyShape& shape) : shape_(shape), kind_(&find_cell_kind(shape.cell)) {
  for (const auto& [name, rows, columns] : parameters_of(shape)) parameters.add(name, rows, columns);
}

void MelodyNetwork::initialize(Engine& engine) {
  std::vector<View> of_cell;
  for (Index i = 0; i + others < parameters.entries().size(); ++i) of_cell.push_back(parameters[i]);
  kind_->initialize(of_cell, engine);
  for (const char* name : {"pitch_embedding", "duration_embedding", "place_embedding"}) {
    random_normal(parameters[name], engine, 0.5);
  }
  for (const char* name : {"w_pitch", "w_duration"}) {
    const View w = parameters[name];
    glorot_uniform(w, engine, w.rows, w.columns);
  }
  zeros(parameters["b_pitch"]);
  zeros(parameters["b_duration"]);
}

Index MelodyNetwork::carry_size() const { return kind_->carry(shape_.hidden); }

MelodyOnTape MelodyNetwork::on(Tape& tape, View gradients) const {
  thread_local std::vector<Var> vars;  // keeps its memory from call to call
  vars.clear();
  for (Index i = 0; i < parameters.entries().size(); ++i) {
    vars.push_back(gradients.empty() ? tape.constant(parameters[i], parameters.entries()[i].name.c_str())
                                     : parameters.on(tape, i, gradients));
  }
  const std::span<const Var> all = vars, of_cell = all.first(all.size() - others), rest = all.subspan(of_cell.size());
  MelodyOnTape network;
  network.tape_ = &tape;
  network.cell_ = &kind_->make(of_cell, Activation::tanh);
  network.pitch_embedding_ = rest[0];
  network.duration_embedding_ = rest[1];
  network.place_embedding_ = rest[2];
  network.w_pitch_ = rest[3];
  network.b_pitch_ = rest[4];
  network.w_duration_ = rest[5];
  network.b_duration_ = rest[6];
  return network;
}

Var MelodyOnTape::heard(const MelodyInput& input) const {
  const Var parts[] = {gather_rows(pitch_embedding_, input.pitch), gather_rows(duration_embedding_, input.duration),
                       gather_rows(place_embedding_, input.place)};
  return dropout(join_columns(parts), input.keep, combine_seeds({input.dropout_seed, 0}));
}

MelodyOnTape::Read MelodyOnTape::read(Var heard, const MelodyInput& input) const {
  UnrollOptions options{.lengths = input.lengths};
  if (!input.carry.empty()) options.initial_state = tape_->constant(input.carry, "carry");
  const Unrolled unrolled = unroll_dynamic(*cell_, {heard, input.steps, input.batch}, options);
  return {dropout(unrolled.outputs.rows, input.keep, combine_seeds({input.dropout_seed, 1})), unrolled.carry};
}

MelodyOnTape::Read MelodyOnTape::read(const MelodyInput& input) const { return read(heard(input), input); }

Var MelodyOnTape::pitch_logits(Var states) const { return dense(states, w_pitch_, b_pitch_); }

Var MelodyOnTape::duration_logits(Var states, std::span<const Index> pitch) const {
  const Var parts[] = {states, gather_rows(pitch_embedding_, pitch)};
  return dense(join_columns(parts), w_duration_, b_duration_);
}

MelodyState::MelodyState(const MelodyNetwork& network)
    : network_(network),
      carry_(1, network.carry_size(), Real(0)),
      state_(1, network.shape().hidden, Real(0)),
      pitch_logits_(1, network.shape().pitches),
      duration_logits_(network.shape().pitches, network.shape().durations),
      all_pitches_(network.shape().pitches) {
  std::iota(all_pitches_.begin(), all_pitches_.end(), Index(0));
}

void MelodyState::hear(Index pitch, Index duration, Index place) {
  Tape tape(Tape::Mode::evaluate);
  const MelodyOnTape network = network_.on(tape);
  const Index pitches[] = {pitch}, durations[] = {duration}, places[] = {place};
  const auto [states, carry] =
      network.read({.steps = 1, .batch = 1, .pitch = pitches, .duration = durations, .place = places, .carry = carry_});
  const std::vector<Var> repeated(all_pitches_.size(), states);
  copy(network.pitch_logits(states).value(), pitch_logits_);
  copy(network.duration_logits(stack_rows(repeated), all_pitches_).value(), duration_logits_);
  copy(states.value(), state_);
  const Matrix after = to_matrix(carry.value());  // what is read and what is written are not the same
  copy(after, carry_);
  for (const Matrix* logits : {&pitch_logits_, &duration_logits_}) {
    for (const Real logit : logits->data()) {
      if (!std::isfinite(logit)) throw ResultError("the network computes numbers that are not finite");
    }
  }
}

}  // namespace rnn
