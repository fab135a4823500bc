#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>
#include <span>
#include <vector>

#include "../support/allocations.hpp"

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.initializers;
import rnn.network.unroll;

using namespace rnn;

// What the looping node keeps: the same bits from every state and from about 2·√T of them, and how much memory is held.

struct Network {
  Network(Index steps, Index batch, Index features, Index n)
      : x(steps, batch, features), w_x(features, n), w_y(n, n), b(1, n), initial(batch, n) {
    Engine engine(1);
    for (const View v : {x.rows(), View(w_x), View(w_y), View(b), View(initial)}) random_normal(v, engine, 0.5);
  }
  Sequence x;
  Matrix w_x, w_y, b, initial;
};

// Everything that a pass gives, one number after the other.
static std::vector<Real> everything(const Network& net, const UnrollOptions& options, bool with_initial,
                                    History history) {
  Tape tape;
  const SequenceVar x = tape.variable(net.x);
  const Var w_x = tape.variable(net.w_x), w_y = tape.variable(net.w_y), b = tape.variable(net.b);
  const Var initial = tape.variable(net.initial);
  UnrollOptions all = options;
  if (with_initial) all.initial_state = initial;
  const Var state = final_state(BasicRnnCell::make(w_x, w_y, b), x, all, history);
  tape.backward(sum(multiply(state, state)));
  std::vector<Real> numbers;
  for (const ConstView v : {state.value(), ConstView(x.rows.gradient()), ConstView(w_x.gradient()),
                            ConstView(w_y.gradient()), ConstView(b.gradient()), ConstView(initial.gradient())}) {
    numbers.insert(numbers.end(), v.data, v.data + v.size());
  }
  return numbers;
}

BOOST_AUTO_TEST_CASE(states_computed_again_give_the_same_bits_as_states_kept) {
  for (const Index batch : {1, 2, 3, 50, 64, 100, 192, 200}) {
    for (const Index steps : {0, 1, 2, 3, 4, 5, 9, 10, 15, 16, 17, 28, 40, 250, 400}) {
      if (batch * steps > 8000) continue;
      const Network net(steps, batch, 2, 3);
      std::vector<Index> lengths(batch);
      for (Index i = 0; i < batch; ++i) lengths[i] = (i * 7 + 3) % (steps + 1);
      for (const bool with_initial : {true, false}) {
        for (const UnrollOptions& options : {UnrollOptions{}, UnrollOptions{.lengths = lengths}}) {
          const std::vector<Real> kept = everything(net, options, with_initial, History::every_state);
          const std::vector<Real> again = everything(net, options, with_initial, History::square_root_states);
          BOOST_TEST_CONTEXT("batch " << batch << ", steps " << steps) {
            BOOST_REQUIRE(kept.size() == again.size());
            BOOST_REQUIRE(std::memcmp(kept.data(), again.data(), kept.size() * sizeof(Real)) == 0);
          }
        }
      }
    }
  }
}

static Index states_kept(Tape& tape, Index steps, Index batch, History history, Index& after_backward) {
  const Index n = 5;
  const Network net(steps, batch, 2, n);
  tape.clear();
  const Var w_x = tape.variable(net.w_x), w_y = tape.variable(net.w_y), b = tape.variable(net.b);
  const Var state = final_state(BasicRnnCell::make(w_x, w_y, b), tape.constant(net.x), {}, history);
  const Index states = tape.bytes_kept() / (batch * n * sizeof(Real));
  const Var loss = sum(state);
  if (tape.recording()) tape.backward(loss);
  after_backward = tape.bytes_kept() / (batch * n * sizeof(Real));
  return states;
}

BOOST_AUTO_TEST_CASE(the_final_state_costs_the_states_and_little_more) {
  Tape tape;
  for (const Index steps : {1, 10, 100, 1000}) {
    Index after = 0;
    BOOST_TEST(states_kept(tape, steps, 200, History::every_state, after) == steps + 1);
    BOOST_TEST(after <= steps + 6);  // dh, dh_before, da of one step, the state's gradient
  }
}

BOOST_AUTO_TEST_CASE(with_the_square_root_of_states_it_costs_two_square_roots) {
  Tape tape;
  for (const Index steps : {16, 28, 100, 1000, 2500}) {
    Index after = 0;
    const Index states = states_kept(tape, steps, 200, History::square_root_states, after);
    BOOST_TEST(double(states) <= 2 * std::sqrt(double(steps)) + 5);
    BOOST_TEST(double(after) <= 2 * std::sqrt(double(steps)) + 10);
  }
}

BOOST_AUTO_TEST_CASE(a_tape_that_only_evaluates_keeps_two_states_for_any_length) {
  Tape tape(Tape::Mode::evaluate);
  for (const Index steps : {1, 10, 1000}) {
    for (const History history : {History::every_state, History::square_root_states}) {
      Index after = 0;
      BOOST_TEST(states_kept(tape, steps, 20, history, after) == 3u);  // and the result
    }
  }
}

BOOST_AUTO_TEST_CASE(the_outputs_cost_themselves_and_a_static_unrolling_several_times_as_much) {
  const Index steps = 50, batch = 20, n = 5;
  const Network net(steps, batch, 2, n);
  const auto kept = [&](auto unroll) {
    Tape tape;
    const Var w_x = tape.variable(net.w_x), w_y = tape.variable(net.w_y), b = tape.variable(net.b);
    unroll(BasicRnnCell::make(w_x, w_y, b), tape.constant(net.x));
    return tape.bytes_kept() / (batch * n * sizeof(Real));
  };
  BOOST_TEST(kept([](auto& cell, auto x) { return unroll_dynamic(cell, x); }) == steps + 1);
  BOOST_TEST(kept([](auto& cell, auto x) { return unroll_static(cell, x); }) >= 4 * steps);
}

BOOST_AUTO_TEST_CASE(the_final_state_evaluated_is_the_one_recorded) {
  const Network net(30, 7, 3, 9);
  const std::vector<Index> lengths{30, 0, 1, 29, 15, 2, 28};
  for (const std::span<const Index> some : {std::span<const Index>(), std::span<const Index>(lengths)}) {
    std::vector<std::vector<Real>> states;
    for (const Tape::Mode mode : {Tape::Mode::record, Tape::Mode::evaluate}) {
      Tape tape(mode);
      BasicRnnCell& cell = BasicRnnCell::make(tape.variable(net.w_x), tape.variable(net.w_y), tape.variable(net.b));
      const ConstView state = final_state(cell, tape.constant(net.x), {.lengths = some}).value();
      states.emplace_back(state.data, state.data + state.size());
    }
    BOOST_TEST(states[0] == states[1], boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(the_looping_node_recorded_again_allocates_nothing) {
  const Network net(30, 7, 3, 9);
  const std::vector<Index> lengths{30, 0, 1, 29, 15, 2, 28};
  for (const std::span<const Index> some : {std::span<const Index>(), std::span<const Index>(lengths)}) {
    for (const History history : {History::every_state, History::square_root_states}) {
      Tape tape;
      const auto pass = [&] {
        tape.clear();
        const Var w_x = tape.variable(net.w_x), w_y = tape.variable(net.w_y), b = tape.variable(net.b);
        BasicRnnCell& cell = BasicRnnCell::make(w_x, w_y, b);
        const UnrollOptions options{.initial_state = tape.variable(net.initial), .lengths = some};
        const Unrolled y = unroll_dynamic(cell, tape.variable(net.x), options);
        const Var again = final_state(cell, tape.variable(net.x), options, history);
        tape.backward(add(sum(y.outputs.rows), sum(multiply(y.state, again))));
      };
      pass();
      const Index before = rnn::testing::allocations;
      pass();
      pass();
      const Index allocated = rnn::testing::allocations - before;
      BOOST_TEST(allocated == 0u);
    }
  }
}
