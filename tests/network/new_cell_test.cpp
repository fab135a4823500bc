#include <boost/test/unit_test.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "../support/unrolling.hpp"

#include "../../chapters/07_gated_cells/exercises/4_minimal_gated_unit/solution.cpp"

import rnn.autodiff.gradient_check;
import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;
import rnn.linalg.products;
import rnn.network.cell;
import rnn.network.initializers;
import rnn.network.unroll;

using namespace rnn;
using namespace rnn::testing;

// A cell that the library does not know, the solution of exercise 07.4: one file, and everything that unrolls, masks,
// computes again and trains works with it.

namespace {

const CellKind minimal = minimal_gated_unit();

std::vector<Network> networks() {
  return {{minimal, 1, 1, 1, 1}, {minimal, 2, 4, 3, 5}, {minimal, 7, 3, 2, 9}, {minimal, 6, 3, 2, 4, {2, 6, 0}}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_cell_of_ones_own_is_unrolled_in_every_way) {
  for (Network net : networks()) {
    for (const bool with_initial : {true, false}) {
      net.with_initial = with_initial;
      const Computed by_static = run(net, Way::static_), by_loop = run(net, Way::dynamic);
      for (Index k = 0; k < by_static.carry.data().size(); ++k) {
        BOOST_TEST(std::abs(by_static.carry.data()[k] - by_loop.carry.data()[k]) <= 1e-6);
      }
      require_close_gradients(by_static, by_loop);
      require_same_bits(run(net, Way::square_root, Use::state), run(net, Way::final_state, Use::state));
    }
  }
}

BOOST_AUTO_TEST_CASE(its_gradients_are_those_that_differences_show) {
  if (sizeof(Real) == 4) return;
  for (const Network& net : networks()) {
    for (const Way way : {Way::static_, Way::dynamic}) {
      std::vector<NamedMatrix> leaves{{"x", net.x.rows()}, {"initial", net.initial}};
      for (const Matrix& weight : net.weights) leaves.push_back({"weight", weight});
      const auto errors = check_gradients(leaves, [&](Tape&, std::span<const Var> v) {
        Cell& cell = minimal.make(v.subspan(2), Activation::tanh);
        const SequenceVar x{v[0], net.x.steps(), net.x.batch()};
        return loss_of(unroll(way, cell, x, {.initial_state = v[1], .lengths = net.lengths}), Use::both);
      });
      BOOST_TEST(largest_relative_error(errors) <= 1e-6);
    }
  }
}

BOOST_AUTO_TEST_CASE(it_has_at_least_the_three_weights_of_every_cell) {
  const Network net = networks()[0];
  Tape tape;
  std::vector<Var> weights;
  for (const Matrix& weight : net.weights) weights.push_back(tape.variable(weight));
  BOOST_TEST_REQUIRE(weights.size() == 3u);
  BOOST_CHECK_THROW(minimal.make(std::span(weights).first(2), Activation::tanh), std::invalid_argument);
}
