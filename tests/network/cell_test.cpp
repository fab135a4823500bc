#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../support/matrices.hpp"
#include "../support/unrolling.hpp"

import rnn.autodiff.gradient_check;
import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.basic;
import rnn.network.cell.gru;
import rnn.network.cell.kinds;
import rnn.network.cell.lstm;
import rnn.network.initializers;

using namespace rnn;
using rnn::testing::Network;
using rnn::testing::says;
using rnn::testing::weighted_sum;

// ---- each cell against its formula, one number at a time in double

// Σ x·w + Σ h·u + b in one column of the pre-activations.
static double pre_activation(const Network& net, Index example, Index column, bool input, bool recurrent) {
  double a = 0;
  for (Index k = 0; input && k < net.weights[0].size1(); ++k)
    a += double(net.x(0, example, k)) * net.weights[0](k, column);
  for (Index k = 0; recurrent && k < net.outputs(); ++k) {
    a += double(net.initial(example, k)) * net.weights[1](k, column);
  }
  return input ? a + net.weights[2](0, column) : a;
}
static double sigmoid(double a) { return 1 / (1 + std::exp(-a)); }

static std::vector<double> expected_carry(const Network& net, Index i, Index j) {
  const Index n = net.outputs();
  const auto a = [&](Index gate) { return pre_activation(net, i, gate * n + j, true, true); };
  const std::string kind = net.kind->name;
  if (kind == "rnn") {
    if (net.activation == Activation::relu) return {std::max(a(0), 0.0)};
    return {net.activation == Activation::sigmoid ? sigmoid(a(0)) : std::tanh(a(0))};
  }
  if (kind == "gru") {
    const double r = sigmoid(a(0)), z = sigmoid(a(1));
    const double q = pre_activation(net, i, 2 * n + j, false, true) + net.weights[3](0, j);
    const double candidate = std::tanh(pre_activation(net, i, 2 * n + j, true, false) + r * q);
    return {(1 - z) * candidate + z * net.initial(i, j)};
  }
  const double c = sigmoid(a(1)) * net.initial(i, n + j) + sigmoid(a(0)) * std::tanh(a(2));
  return {sigmoid(a(3)) * std::tanh(c), c};
}

BOOST_AUTO_TEST_CASE(a_step_is_the_formula) {
  for (const CellKind& kind : cell_kinds()) {
    for (const Activation f : {Activation::tanh, Activation::relu, Activation::sigmoid}) {
      if (f != Activation::tanh && kind.name != std::string("rnn")) continue;
      Network net(kind, 1, 4, 3, 5);
      net.activation = f;
      Tape tape;
      std::vector<Var> weights;
      for (const Matrix& weight : net.weights) weights.push_back(tape.variable(weight));
      const Cell& cell = kind.make(weights, f);
      BOOST_TEST(cell.sizes().inputs == 3u);
      BOOST_TEST(cell.state_size() == 5u);
      BOOST_TEST(cell.weights().size() == weights.size());
      const ConstView carry = cell.step(tape.constant(net.x.rows()), tape.constant(net.initial)).value();
      BOOST_REQUIRE(carry.columns == kind.carry(5));
      for (Index i = 0; i < 4; ++i) {
        for (Index j = 0; j < 5; ++j) {
          const std::vector<double> expected = expected_carry(net, i, j);
          for (Index part = 0; part < expected.size(); ++part) {
            BOOST_TEST(std::abs(carry(i, part * 5 + j) - expected[part]) <= 1e-6);
          }
        }
      }
    }
  }
}

// ---- the tape's view and the loop's view of a step

static PackedMatrix room_for(Index rows, Index columns) {
  PackedMatrix room;
  room.resize(rows, columns);
  return room;
}

// A step of the loop, the last of a group of more rows, beside the same step on the tape. The basic cell's gradients
// are the same bits; the gated cells' sums are added in another order.
static void compare_step(const Network& net, bool first) {
  Tape tape;
  fill(tape.workspace(100, 100), Real(7));  // the step gets memory that was used before
  tape.clear();
  const Var x = tape.variable(net.x.rows()), before = tape.variable(net.initial);
  std::vector<Var> weights;
  for (const Matrix& weight : net.weights) weights.push_back(tape.variable(weight));
  Cell& cell = net.kind->make(weights, net.activation);
  const Var y = cell.step(x, first ? Var() : before);
  tape.backward(weighted_sum(y));
  std::vector<Matrix> gradients{to_matrix(x.gradient()), to_matrix(before.gradient())};
  for (const Var w : weights) {
    gradients.push_back(to_matrix(w.gradient()));
    fill(w.gradient(), Real(0));
  }

  const Index m = net.x.batch(), carry_size = cell.sizes().carry, columns = cell.sizes().pre_activations;
  const ConstView carry_before = first ? ConstView{} : ConstView(net.initial);
  Matrix carry(m, carry_size), saved(m, cell.sizes().saved), dbefore(m, carry_size), dx(m, net.x.features(), Real(0));
  PackedMatrix input = room_for(m + 2, columns), own = room_for(m + 2, columns);
  PackedMatrix& recurrent = cell.sizes().recurrent == 0 ? input : own;
  cell.begin_forward(m);
  cell.forward(net.x.rows(), carry_before, carry, saved);
  BOOST_TEST(rnn::testing::same_bits(ConstView(carry), y.value()));
  cell.begin_backward(m);
  const StepRows step{net.x.rows(), carry_before, carry, saved};
  const PackedSlot slot{input, 2, m}, recurrent_slot{recurrent, 2, m};
  cell.backward(step, y.gradient(), {slot, recurrent_slot}, first ? View() : View(dbefore));
  const PackedRows da(input, 2, m), da_recurrent(recurrent, 2, m);
  cell.backward_input({da, da_recurrent}, dx);
  cell.backward_weights(step, {da, da_recurrent});

  std::vector<ConstView> again{dx, dbefore};
  for (const Var w : weights) again.push_back(w.gradient());
  for (Index k = 0; k < again.size(); ++k) {
    if (k == 1 && first) continue;
    for (Index i = 0; i < again[k].rows; ++i) {
      for (Index j = 0; j < again[k].columns; ++j) {
        const Real want = gradients[k](i, j);
        if (cell.sizes().saved == 0) {
          BOOST_REQUIRE(again[k](i, j) == want);
        } else {
          BOOST_REQUIRE_LE(std::abs(again[k](i, j) - want), 1e-5 * std::max(Real(1), std::abs(want)));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_step_on_the_tape_and_a_step_of_the_loop_are_the_same) {
  for (const CellKind& kind : cell_kinds()) {
    for (const Index n : {1, 5, 8, 100}) {
      for (const Activation f : {Activation::tanh, Activation::relu, Activation::sigmoid}) {
        if (f != Activation::tanh && kind.name != std::string("rnn")) continue;
        for (const Index batch : {7, 19}) {  // less than the rows done at a time, and more than twice as many
          Network net(kind, 1, batch, 3, n);
          net.activation = f;
          for (const bool first : {true, false}) {
            BOOST_TEST_CONTEXT(kind.name << ", n = " << n << ", batch " << batch << ", first " << first) {
              compare_step(net, first);
            }
          }
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_step_is_the_same_bits_for_every_vector_width) {
  for (const CellKind& kind : cell_kinds()) {
    const Network net(kind, 3, 5, 3, 21);
    std::vector<rnn::testing::Computed> computed;
    const InstructionSet before = instruction_set();
    for (const InstructionSet set : {InstructionSet::avx2, InstructionSet::avx512}) {
      if (!available(set)) continue;
      force_instruction_set(set);
      computed.push_back(rnn::testing::run(net, rnn::testing::Way::dynamic));
    }
    force_instruction_set(before);
    for (const auto& one : computed) rnn::testing::require_same_bits(one, computed[0]);
  }
}

BOOST_AUTO_TEST_CASE(the_gradients_of_a_step_are_those_that_differences_show) {
  if (sizeof(Real) == 4) return;
  for (const CellKind& kind : cell_kinds()) {
    const Network net(kind, 1, 4, 3, 5);
    std::vector<NamedMatrix> leaves{{"x", net.x.rows()}, {"carry", net.initial}};
    for (const Matrix& weight : net.weights) leaves.push_back({"weight", weight});
    const auto errors = check_gradients(leaves, [&](Tape&, std::span<const Var> v) {
      const Var y = kind.make(v.subspan(2), Activation::tanh).step(v[0], v[1]);
      return sum(multiply(y, y));
    });
    BOOST_TEST(largest_relative_error(errors) <= 1e-6);
  }
}

// ---- how training starts

BOOST_AUTO_TEST_CASE(every_cell_starts_with_glorots_limits_and_the_lstm_with_an_open_forget_gate) {
  for (const CellKind& kind : cell_kinds()) {
    Network net(kind, 1, 1, 28, 100);
    Engine engine(3);
    std::vector<View> views(net.weights.begin(), net.weights.end());
    kind.initialize(views, engine);
    const double limit = std::sqrt(6.0 / (28 + 100 + 100));
    for (Index w = 0; w < 2; ++w) {
      const auto& numbers = net.weights[w].data();
      const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
      BOOST_TEST(*most <= limit);
      BOOST_TEST(*most >= 0.99 * limit);
      BOOST_TEST(*least >= -limit);
      BOOST_TEST(*least <= -0.99 * limit);
    }
    for (Index w = 2; w < net.weights.size(); ++w) {
      for (Index j = 0; j < net.weights[w].size2(); ++j) {
        const bool forget = kind.name == std::string("lstm") && j >= 100 && j < 200;
        BOOST_REQUIRE(net.weights[w](0, j) == Real(forget ? 1 : 0));
      }
    }
  }
}

// ---- names and messages

BOOST_AUTO_TEST_CASE(a_kind_is_found_by_its_name) {
  BOOST_TEST(find_cell_kind("rnn").name == std::string("rnn"));
  BOOST_TEST(find_cell_kind("lstm").carry(7) == 14u);
  BOOST_CHECK_EXCEPTION(find_cell_kind("elman"), std::invalid_argument,
                        says("find_cell_kind: expected one of rnn, gru, lstm, got \"elman\""));
}

BOOST_AUTO_TEST_CASE(weights_that_do_not_fit_are_named) {
  const Matrix w_x(3, 5), w_y(5, 5), b(1, 5), tall(5, 1), square(4, 4);
  Tape tape;
  const Var x = tape.variable(w_x), y = tape.variable(w_y), bias = tape.variable(b), wrong = tape.variable(square);
  using Wrong = std::invalid_argument;
  BOOST_CHECK_EXCEPTION(BasicRnnCell::make(x, wrong, bias), Wrong, says("BasicRnnCell: w_y must be 5x5, got 4x4"));
  BOOST_CHECK_EXCEPTION(BasicRnnCell::make(x, y, wrong), Wrong, says("BasicRnnCell: b must be 1x5, got 4x4"));
  BOOST_CHECK_EXCEPTION(BasicRnnCell::make(x, y, bias, Activation::identity), Wrong,
                        says("BasicRnnCell: the activation must not be the identity"));
  const Matrix wide(2, 10);
  const ConstView every_second(&wide(0, 0), 1, 5, 10, 2);
  BOOST_CHECK_EXCEPTION(BasicRnnCell::make(x, y, tape.constant(every_second)), Wrong,
                        says("BasicRnnCell: biases must be contiguous"));
  BOOST_CHECK_EXCEPTION(LstmCell::make(x, y, bias), Wrong, says("LstmCell: w_x must be 3x20, got 3x5"));
  BOOST_CHECK_EXCEPTION(GruCell::make(x, y, bias, bias), Wrong, says("GruCell: w_x must be 3x15, got 3x5"));
  BOOST_CHECK_EXCEPTION(GruCell::make(x, y, bias, wrong), Wrong, says("GruCell: b_y must be 1x5, got 4x4"));
  const Var weights[] = {x, y, bias, bias};
  for (const auto& [kind, name] : {std::pair("rnn", "BasicRnnCell"), {"lstm", "LstmCell"}}) {
    BOOST_CHECK_EXCEPTION(find_cell_kind(kind).make(std::span(weights).first(2), Activation::tanh), Wrong,
                          says(name + std::string(": expected the weights w_x, w_y and b")));
  }
  const Matrix for_gru(3, 15), recurrent_of_gru(5, 15), bias_of_gru(1, 15);
  const Var three[] = {tape.variable(for_gru), tape.variable(recurrent_of_gru), tape.variable(bias_of_gru), bias};
  BOOST_CHECK_EXCEPTION(find_cell_kind("gru").make(std::span(three).first(3), Activation::tanh), Wrong,
                        says("GruCell: expected the weights w_x, w_y, b and b_y"));
  BOOST_CHECK_EXCEPTION(find_cell_kind("lstm").make(weights, Activation::relu), Wrong,
                        says("LstmCell: the activation must be tanh"));
  BOOST_CHECK_EXCEPTION(find_cell_kind("gru").make(weights, Activation::relu), Wrong,
                        says("GruCell: the activation must be tanh"));
}
