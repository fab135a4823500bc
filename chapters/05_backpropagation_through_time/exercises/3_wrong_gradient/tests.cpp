#include <span>
#include <string>
#include <vector>

#include "check.hpp"
#include "exercise.hpp"

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;

using namespace rnn;
using namespace exercise;

Var loss(const Network& network, Tape& tape, std::span<const Var> weights) {
  const Var a = add_matmul(matmul(tape.constant(network.x), weights[0]), tape.constant(network.h_before), weights[1]);
  return sum(tanh(add_bias(a, weights[2])));
}

Matrix state(const Network& n) { return plain_step(n.x, n.h_before, n.w_x, n.w_y, n.b); }

static const Network network{random_matrix(3, 2, 1), random_matrix(3, 4, 2), random_matrix(2, 4, 3),
                             random_matrix(4, 4, 4), random_matrix(1, 4, 5)};

// What the tape says.
static Gradients from_tape() {
  Tape tape;
  const Var weights[] = {tape.variable(network.w_x), tape.variable(network.w_y), tape.variable(network.b)};
  tape.backward(loss(network, tape, weights));
  return {to_matrix(weights[0].gradient()), to_matrix(weights[1].gradient()), to_matrix(weights[2].gradient())};
}

static void check(const Gradients& gradients, const std::string& expected, const char* what) {
  const std::string found = which_is_wrong(network, gradients);
  require(found == expected, what, '"' + expected + '"', '"' + found + '"',
          "relative of the results of check_gradients, one for each NamedMatrix, with its name");
}

const std::vector<Test> exercise::tests = {
    {"right gradients raise no alarm", [] { check(from_tape(), "", "the name to return when nothing is wrong"); }},
    {"a mistake in one element is found",
     [] {
       Gradients spoiled = from_tape();
       spoiled.b(0, 2) += 0.001;
       check(spoiled, "b", "the name to return when one element of b's gradient is off by 0.001");
       spoiled = from_tape();
       spoiled.w_x(1, 3) *= -1;
       check(spoiled, "w_x", "the name to return when an element of w_x's gradient has the wrong sign");
     }},
    {"the mistake in given_gradients is corrected",
     [] {
       const Gradients found = right_gradients(network), expected = from_tape();
       compare("w_x", found.w_x, expected.w_x,
               "was this one wrong? Ask which_is_wrong(network, given_gradients(network))");
       compare("w_y", found.w_y, expected.w_y, "which matrix was multiplied by W_y in the forward pass?");
       compare("b", found.b, expected.b, "was this one wrong? Ask which_is_wrong(network, given_gradients(network))");
     }},
};
