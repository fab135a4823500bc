#include <boost/test/unit_test.hpp>
#include <cmath>
#include <set>
#include <span>
#include <vector>

#include "../support/allocations.hpp"
#include "../support/unrolling.hpp"

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.unroll;
import rnn.network.unroll.loop;

using namespace rnn;

// What the looping node keeps: the same bits from every state and from about 2·√T of them, and how much memory is held.

using rnn::testing::Network;
using rnn::testing::Use;
using rnn::testing::Way;

BOOST_AUTO_TEST_CASE(states_computed_again_give_the_same_bits_as_states_kept) {
  std::set<Index> groups;
  for (const CellKind& kind : cell_kinds()) {
    for (const Index batch : {1, 2, 3, 50, 64, 100, 192, 200}) {
      groups.insert(Loop::steps_of_a_group(batch));
      for (const Index steps : {0, 1, 2, 3, 4, 5, 9, 10, 15, 16, 17, 28, 40, 250, 400}) {
        if (batch * steps > 8000) continue;
        Network net(kind, steps, batch, 2, 3);
        std::vector<Index> lengths(batch);
        for (Index i = 0; i < batch; ++i) lengths[i] = (i * 7 + 3) % (steps + 1);
        for (const bool with_initial : {true, false}) {
          for (const bool ragged : {true, false}) {
            net.with_initial = with_initial;
            net.lengths = ragged ? lengths : std::vector<Index>{};
            BOOST_TEST_CONTEXT(kind.name << ", batch " << batch << ", steps " << steps) {
              rnn::testing::require_same_bits(run(net, Way::square_root, Use::state),
                                              run(net, Way::final_state, Use::state));
            }
          }
        }
      }
    }
  }
  BOOST_TEST(groups.size() == 5u);
}

static Cell& cell_on(Tape& tape, const Network& net) {
  Var weights[4];
  for (Index i = 0; i < net.weights.size(); ++i) weights[i] = tape.variable(net.weights[i]);
  return net.kind->make(std::span(weights, net.weights.size()), Activation::tanh);
}

static Index states_kept(Tape& tape, Index steps, Index batch, Keep keep, Index& after_backward) {
  const Index n = 5;
  const Network net(find_cell_kind("rnn"), steps, batch, 2, n);
  tape.clear();
  const Var state = final_state(cell_on(tape, net), tape.constant(net.x), {}, keep);
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
    BOOST_TEST(states_kept(tape, steps, 200, Keep::every_state, after) == steps + 1);
    BOOST_TEST(after <= steps + 6);  // dh, dh_before, da of one step, the state's gradient
  }
}

BOOST_AUTO_TEST_CASE(with_the_square_root_of_states_it_costs_two_square_roots) {
  Tape tape;
  for (const Index steps : {16, 28, 100, 1000, 2500}) {
    Index after = 0;
    const Index states = states_kept(tape, steps, 200, Keep::square_root_states, after);
    BOOST_TEST(double(states) <= 2 * std::sqrt(double(steps)) + 5);
    BOOST_TEST(double(after) <= 2 * std::sqrt(double(steps)) + 10);
  }
}

BOOST_AUTO_TEST_CASE(a_tape_that_only_evaluates_keeps_two_states_for_any_length) {
  Tape tape(Tape::Mode::evaluate);
  for (const Index steps : {1, 10, 1000}) {
    for (const Keep keep : {Keep::every_state, Keep::square_root_states}) {
      Index after = 0;
      BOOST_TEST(states_kept(tape, steps, 20, keep, after) == 3u);  // and the result
    }
  }
}

BOOST_AUTO_TEST_CASE(the_outputs_cost_themselves_and_a_static_unrolling_several_times_as_much) {
  const Index steps = 50, batch = 20, n = 5;
  const Network net(find_cell_kind("rnn"), steps, batch, 2, n);
  const auto kept = [&](auto unroll) {
    Tape tape;
    unroll(cell_on(tape, net), tape.constant(net.x));
    return tape.bytes_kept() / (batch * n * sizeof(Real));
  };
  BOOST_TEST(kept([](auto& cell, auto x) { return unroll_dynamic(cell, x); }) == steps + 1);
  BOOST_TEST(kept([](auto& cell, auto x) { return unroll_static(cell, x); }) >= 4 * steps);
}

BOOST_AUTO_TEST_CASE(the_final_state_evaluated_is_the_one_recorded) {
  const std::vector<Index> lengths{30, 0, 1, 29, 15, 2, 28};
  for (const CellKind& kind : cell_kinds()) {
    const Network net(kind, 30, 7, 3, 9);
    for (const std::span<const Index> some : {std::span<const Index>(), std::span<const Index>(lengths)}) {
      std::vector<Matrix> states;
      for (const Tape::Mode mode : {Tape::Mode::record, Tape::Mode::evaluate}) {
        Tape tape(mode);
        states.push_back(to_matrix(final_state(cell_on(tape, net), tape.constant(net.x), {.lengths = some}).value()));
      }
      BOOST_TEST(rnn::testing::same_bits(states[0], states[1]));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_looping_node_recorded_again_allocates_nothing) {
  const std::vector<Index> lengths{30, 0, 1, 29, 15, 2, 28};
  for (const CellKind& kind : cell_kinds()) {
    const Network net(kind, 30, 7, 3, 9);
    for (const std::span<const Index> some : {std::span<const Index>(), std::span<const Index>(lengths)}) {
      for (const Keep keep : {Keep::every_state, Keep::square_root_states}) {
        Tape tape;
        const auto pass = [&] {
          tape.clear();
          Cell& cell = cell_on(tape, net);
          const UnrollOptions options{.initial_state = tape.variable(net.initial), .lengths = some};
          const Unrolled y = unroll_dynamic(cell, tape.variable(net.x), options);
          const Var again = final_state(cell, tape.variable(net.x), options, keep);
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
}
