#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "../support/matrices.hpp"

import rnn.autodiff.gradient_check;
import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.initializers;

using namespace rnn;
using rnn::testing::same_bits;
using rnn::testing::says;

static Matrix random(Index rows, Index columns) {
  static Engine engine(1);
  Matrix m(rows, columns);
  random_normal(m, engine, 0.5);
  return m;
}

BOOST_AUTO_TEST_CASE(a_step_is_the_formula) {
  const Matrix w_x = random(3, 5), w_y = random(5, 5), b = random(1, 5), x = random(4, 3), h = random(4, 5);
  for (const Activation f : {Activation::tanh, Activation::relu, Activation::sigmoid}) {
    Tape tape;
    const BasicRnnCell& cell = BasicRnnCell::make(tape.variable(w_x), tape.variable(w_y), tape.variable(b), f);
    BOOST_TEST(cell.input_size() == 3u);
    BOOST_TEST(cell.state_size() == 5u);
    BOOST_TEST(cell.weights().size() == 3u);
    const ConstView y = cell.step(tape.constant(x), tape.constant(h)).value();
    for (Index i = 0; i < 4; ++i) {
      for (Index j = 0; j < 5; ++j) {
        double a = b(0, j);
        for (Index k = 0; k < 3; ++k) a += double(x(i, k)) * w_x(k, j);
        for (Index k = 0; k < 5; ++k) a += double(h(i, k)) * w_y(k, j);
        const double expected = f == Activation::tanh   ? std::tanh(a)
                                : f == Activation::relu ? std::max(a, 0.0)
                                                        : 1 / (1 + std::exp(-a));
        BOOST_TEST(std::abs(y(i, j) - expected) <= 1e-6);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_step_on_the_tape_and_a_step_of_the_loop_are_the_same_bits) {
  for (const Index n : {1, 5, 8, 100}) {
    const Matrix w_x = random(3, n), w_y = random(n, n), b = random(1, n), x = random(7, 3), h = random(7, n);
    const Matrix dy = random(7, n), nothing(0, n);
    for (const Activation f : {Activation::tanh, Activation::relu, Activation::sigmoid}) {
      for (const bool first : {true, false}) {
        Tape tape;
        const Var x_var = tape.variable(x), h_var = tape.variable(h);
        BasicRnnCell& cell = BasicRnnCell::make(tape.variable(w_x), tape.variable(w_y), tape.variable(b), f);
        const Var y = cell.step(x_var, first ? Var() : h_var);
        tape.backward(sum(multiply(y, tape.constant(dy))));

        const ConstView before = first ? ConstView(nothing) : ConstView(h);
        std::vector<Matrix> gradients;
        for (const Var w : cell.weights()) {
          gradients.push_back(to_matrix(w.gradient()));
          fill(w.gradient(), Real(0));
        }
        Matrix again(7, n), dh(7, n), dx(7, 3, Real(0));
        PackedMatrix room;
        room.resize(9, n);  // the step is the last of a group of more rows
        const PackedRows da(room, 2, 7);
        cell.begin_forward();
        cell.forward(x, before, again);
        cell.begin_backward();
        cell.backward(again, dy, room, 2);
        cell.backward_state(da, dh);
        cell.backward_input(da, dx);
        cell.backward_weights(x, before, da);
        BOOST_TEST(same_bits(again, y.value()));
        BOOST_TEST(same_bits(dx, x_var.gradient()));
        if (!first) BOOST_TEST(same_bits(dh, h_var.gradient()));
        for (Index i = 0; i < 3; ++i) BOOST_TEST(same_bits(cell.weights()[i].gradient(), gradients[i]));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_gradients_of_a_step_are_those_that_differences_show) {
  if (sizeof(Real) == 4) return;
  for (const Activation f : {Activation::tanh, Activation::sigmoid}) {
    const Matrix w_x = random(3, 5), w_y = random(5, 5), b = random(1, 5), x = random(4, 3), h = random(4, 5);
    const auto errors =
        check_gradients({{"x", x}, {"h", h}, {"w_x", w_x}, {"w_y", w_y}, {"b", b}}, [&](Tape&, std::span<const Var> v) {
          const Var y = BasicRnnCell::make(v[2], v[3], v[4], f).step(v[0], v[1]);
          return sum(multiply(y, y));
        });
    BOOST_TEST(largest_relative_error(errors) <= 1e-6);
  }
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
                        says("BasicRnnCell: b must be contiguous"));
}
