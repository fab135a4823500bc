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

static constexpr Index n = 4, inputs = 2, batch = 3;
static const Network network{random_matrix(batch, inputs, 1), random_matrix(batch, n, 2),
                             random_matrix(inputs, 3 * n, 3), random_matrix(n, 3 * n, 4),
                             random_matrix(1, 3 * n, 5),      random_matrix(1, n, 6)};

// The step on a tape.
struct Step {
  Var r, z, n, q, h;
};
static Step step_of(const Network& net, Tape& tape, std::span<const Var> w) {
  const Var before = tape.constant(net.h_before);
  const Var a = add_bias(matmul(tape.constant(net.x), w[0]), w[2]), u = matmul(before, w[1]);
  const auto block = [](Var v, Index k) { return slice_columns(v, k * n, n); };
  const Var r = sigmoid(add(block(a, 0), block(u, 0))), z = sigmoid(add(block(a, 1), block(u, 1)));
  const Var q = add_bias(block(u, 2), w[3]), candidate = tanh(add_multiplied(block(a, 2), r, q));
  return {r, z, candidate, q, add_multiplied(candidate, z, add(before, scale(candidate, -1)))};
}

Var loss(const Network& net, Tape& tape, std::span<const Var> weights) { return sum(step_of(net, tape, weights).h); }

Gates gates(const Network& net) {
  Tape tape;
  const Var weights[] = {tape.constant(net.w_x), tape.constant(net.w_y), tape.constant(net.b), tape.constant(net.b_y)};
  const Step step = step_of(net, tape, weights);
  return {to_matrix(step.r.value()), to_matrix(step.z.value()), to_matrix(step.n.value()), to_matrix(step.q.value())};
}

// What the tape says.
static Gradients from_tape() {
  Tape tape;
  const Var weights[] = {tape.variable(network.w_x), tape.variable(network.w_y), tape.variable(network.b),
                         tape.variable(network.b_y)};
  tape.backward(loss(network, tape, weights));
  return {to_matrix(weights[0].gradient()), to_matrix(weights[1].gradient()), to_matrix(weights[2].gradient()),
          to_matrix(weights[3].gradient())};
}

static void check(const Gradients& gradients, const std::string& weights, const std::string& gate, const char* which) {
  const std::string what = std::string("wrong_weights of gradients ") + which;
  const std::string found = wrong_weights(network, gradients), found_gate = wrong_gate(network, gradients);
  require(found == weights, what, '"' + weights + '"', '"' + found + '"',
          "relative and name of the results of check_gradients");
  require(found_gate == gate, std::string("wrong_gate of gradients ") + which, '"' + gate + '"', '"' + found_gate + '"',
          "column of the results of check_gradients: a gate's block is n columns wide");
}

const std::vector<Test> exercise::tests = {
    {"right gradients raise no alarm", [] { check(from_tape(), "", "", "that are right"); }},
    {"a mistake is found, with its gate",
     [] {
       Gradients spoiled = from_tape();
       spoiled.w_y(2, 1) += 0.001;
       check(spoiled, "w_y", "r", "with one element of w_y's block r off by 0.001");
       spoiled = from_tape();
       spoiled.b(0, n + 3) *= 2;
       spoiled.w_x(1, n) += 0.1;
       check(spoiled, "w_x b", "z", "with wrong elements in the block z of w_x and b");
     }},
    {"in the given gradients too", [] { check(given_gradients(network), "w_y b_y", "n", "of given_gradients"); }},
    {"the mistake in given_gradients is corrected",
     [] {
       const Gradients found = right_gradients(network), expected = from_tape();
       const char* look = "what wrong_weights and wrong_gate say of given_gradients";
       compare("w_x", found.w_x, expected.w_x, look);
       compare("w_y", found.w_y, expected.w_y, look);
       compare("b", found.b, expected.b, look);
       compare("b_y", found.b_y, expected.b_y, look);
     }},
};
