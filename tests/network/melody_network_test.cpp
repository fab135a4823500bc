#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "../support/matrices.hpp"

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.error;
import rnn.base.random;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.initializers;
import rnn.network.layers;
import rnn.network.loss;
import rnn.network.melody_network;
import rnn.network.parameters;

using namespace rnn;

namespace {

constexpr Index steps = 5, batch = 3;

MelodyNetwork make(const std::string& cell) {
  MelodyNetwork network({.pitches = 6, .durations = 4, .places = 5, .hidden = 7, .embedding = 6, .cell = cell});
  Engine engine(1);
  network.initialize(engine);
  return network;
}

std::vector<Index> numbers(Index count, Index below, Index seed) {
  std::vector<Index> all;
  for (Index i = 0; i < count; ++i) all.push_back((i * 7 + seed * 3 + i * i) % below);
  return all;
}
const std::vector<Index> pitch = numbers(steps * batch, 6, 1), duration = numbers(steps * batch, 4, 2),
                         place = numbers(steps * batch, 5, 3), next_pitch = numbers(steps * batch, 6, 4),
                         next_duration = numbers(steps * batch, 4, 5);

MelodyInput input(Index first = 0, Index count = steps) {
  return {.steps = count,
          .batch = batch,
          .pitch = std::span(pitch).subspan(first * batch, count * batch),
          .duration = std::span(duration).subspan(first * batch, count * batch),
          .place = std::span(place).subspan(first * batch, count * batch)};
}

Var loss_of(const MelodyOnTape& network, const MelodyInput& read) {
  const Var states = network.read(read).states;
  return add(softmax_cross_entropy(network.pitch_logits(states), next_pitch),
             softmax_cross_entropy(network.duration_logits(states, next_pitch), next_duration));
}

}  // namespace

BOOST_AUTO_TEST_CASE(shapes_are_those_of_the_heads) {
  for (const CellKind& kind : cell_kinds()) {
    const MelodyNetwork network = make(kind.name);
    Tape tape(Tape::Mode::evaluate);
    const MelodyOnTape on_tape = network.on(tape);
    const auto [states, carry] = on_tape.read(input());
    BOOST_TEST(states.rows() == steps * batch);
    BOOST_TEST(states.columns() == 7u);
    BOOST_TEST(carry.rows() == batch);
    BOOST_TEST(carry.columns() == network.carry_size());
    BOOST_TEST(on_tape.pitch_logits(states).columns() == 6u);
    BOOST_TEST(on_tape.duration_logits(states, next_pitch).columns() == 4u);
  }
}

BOOST_AUTO_TEST_CASE(the_gradient_of_every_parameter_is_that_of_differences) {
  if (sizeof(Real) == 4) return;  // checked in double
  for (const CellKind& kind : cell_kinds()) {
    MelodyNetwork network = make(kind.name);
    Matrix gradients(1, network.parameters.flat().columns, Real(0));
    const auto value = [&] {
      Tape tape(Tape::Mode::evaluate);
      return double(loss_of(network.on(tape), input()).value()(0, 0));
    };
    Tape tape;
    tape.backward(loss_of(network.on(tape, gradients), input()));
    for (const Parameters::Entry& entry : network.parameters.entries()) {
      for (Index i = 0; i < entry.rows * entry.columns; i += 3) {
        Real& number = network.parameters.flat()(0, entry.offset + i);
        const Real before = number, step = Real(1e-5);
        number = before + step;
        const double above = value();
        number = before - step;
        const double below = value();
        number = before;
        const double difference = (above - below) / (2 * double(step)), own = double(gradients(0, entry.offset + i));
        BOOST_TEST_REQUIRE(std::abs(own - difference) <= 1e-6 * std::max({std::abs(own), std::abs(difference), 1e-3}),
                           kind.name << ": " << entry.name << "[" << i << "]: " << own << ", not " << difference);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_sequence_in_two_parts_is_the_whole_one_when_the_carry_is_handed_on) {
  for (const CellKind& kind : cell_kinds()) {
    const MelodyNetwork network = make(kind.name);
    Tape tape(Tape::Mode::evaluate);
    const MelodyOnTape on_tape = network.on(tape);
    const auto whole = on_tape.read(input());
    const auto first = on_tape.read(input(0, 2));
    MelodyInput rest_of_it = input(2, 3);
    rest_of_it.carry = first.carry.value();
    const auto second = on_tape.read(rest_of_it);
    BOOST_TEST(testing::same_bits(second.states.value(), whole.states.value().rows_from(2 * batch, 3 * batch)),
               kind.name);
    BOOST_TEST(testing::same_bits(second.carry.value(), whole.carry.value()), kind.name);
    const auto begun_anew = on_tape.read(input(2, 3));
    BOOST_TEST(!testing::same_bits(begun_anew.carry.value(), whole.carry.value()));
  }
}

BOOST_AUTO_TEST_CASE(initialize_draws_everything_whatever_was_there) {
  for (const CellKind& kind : cell_kinds()) {
    const MelodyNetwork network = make(kind.name);
    MelodyNetwork used = network;
    for (Index i = 0; i < used.parameters.entries().size(); ++i) fill(used.parameters[i], Real(7));
    Engine engine(1);
    used.initialize(engine);
    BOOST_TEST(testing::same_bits(used.parameters.flat(), network.parameters.flat()), kind.name);
    for (const char* bias : {"b_pitch", "b_duration"}) {
      for (Index j = 0; j < used.parameters[bias].columns; ++j) BOOST_TEST(used.parameters[bias](0, j) == Real(0));
    }
  }
}

BOOST_AUTO_TEST_CASE(dropout_is_on_the_embeddings_and_on_the_states_each_with_a_mask_of_its_own) {
  const MelodyNetwork network = make("gru");
  Tape tape(Tape::Mode::evaluate);
  const MelodyOnTape on_tape = network.on(tape);
  for (const std::uint64_t seed : {0, 5}) {
    MelodyInput dropped = input();
    dropped.keep = Real(0.5);
    if (seed != 0) dropped.dropout_seed = seed;
    const Var heard = dropout(on_tape.heard(input()), Real(0.5), combine_seeds({seed, 0}));
    BOOST_TEST(testing::same_bits(on_tape.heard(dropped).value(), heard.value()));
    const Var states = dropout(on_tape.read(heard, input()).states, Real(0.5), combine_seeds({seed, 1}));
    BOOST_TEST(testing::same_bits(on_tape.read(dropped).states.value(), states.value()));
  }
}

BOOST_AUTO_TEST_CASE(note_by_note_it_expects_what_it_expects_of_the_whole) {
  for (const CellKind& kind : cell_kinds()) {
    const MelodyNetwork network = make(kind.name);
    Tape tape(Tape::Mode::evaluate);
    const MelodyOnTape on_tape = network.on(tape);
    const Var states = on_tape.read(input()).states;
    const ConstView pitches = on_tape.pitch_logits(states).value();
    MelodyState state(network);
    for (Index t = 0; t < steps; ++t) {
      state.hear(pitch[t * batch], duration[t * batch], place[t * batch]);
      for (Index j = 0; j < 6; ++j) {
        BOOST_TEST(state.pitch_logits()(0, j) == pitches(t * batch, j), boost::test_tools::tolerance(Real(1e-4)));
        const std::vector<Index> given(steps * batch, j);
        const ConstView durations = on_tape.duration_logits(states, given).value();
        for (Index k = 0; k < 4; ++k) {
          BOOST_TEST(state.duration_logits()(j, k) == durations(t * batch, k),
                     boost::test_tools::tolerance(Real(1e-3)));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_number_is_no_expectation) {
  for (const char* head : {"b_pitch", "b_duration"}) {
    MelodyNetwork network = make("rnn");
    network.parameters[head](0, 2) = std::numeric_limits<Real>::quiet_NaN();
    MelodyState state(network);
    BOOST_CHECK_THROW(state.hear(0, 0, 0), ResultError);
  }
}
