module;
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

module gated_cells.by_hand;

import rnn.autodiff.tape;
import rnn.cases.example;
import rnn.cases.recorded_case;
import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.unroll;

using namespace rnn;

namespace gated_cells {

// f of block number `block` of the columns of a, (batch × n), where each block is n wide.
static Matrix gate(Activation f, ConstView a, Index block, Index n) {
  Matrix y(a.rows, n);
  apply(f, a.columns_from(block * n, n), y);
  return y;
}

static Step basic_step(const NamedMatrices& weights, ConstView x, ConstView h_before) {
  Matrix h = product(x, weights["w_x"]);     // (batch × n) = (batch × inputs)·(inputs × n)
  add_product(h_before, weights["w_y"], h);  // + (batch × n)·(n × n)
  add_bias(weights["b"], h);                 // each row + (1 × n)
  apply(Activation::tanh, h, h);             // every step overwrites all of h
  return {{{{"h", h}}}, h};
}

static Step gru_step(const NamedMatrices& weights, ConstView x, ConstView h_before) {
  const Index n = weights["w_y"].size1();

  // The inputs' side and the recurrent side stay apart: the reset gate multiplies a part of the second one only.
  Matrix a = product(x, weights["w_x"]);               // (batch × 3n) = (batch × inputs)·(inputs × 3n)
  add_bias(weights["b"], a);                           // each row + (1 × 3n)
  const Matrix u = product(h_before, weights["w_y"]);  // (batch × 3n) = (batch × n)·(n × 3n)

  Matrix sums = a;  // (batch × 3n), of which two blocks count
  add(u, sums);
  const Matrix r = gate(Activation::sigmoid, sums, 0, n);  // reset: how much of the old state does the candidate see?
  const Matrix z = gate(Activation::sigmoid, sums, 1, n);  // update: how much of the old state stays?

  Matrix q = gate(Activation::identity, u, 2, n);  // the old state as the candidate sees it
  add_bias(weights["b_y"], q);
  Matrix candidate = gate(Activation::identity, a, 2, n);
  add_multiplied(r, q, candidate);                // … as far as the reset gate lets it
  apply(Activation::tanh, candidate, candidate);  // n = tanh(a_n + r ⊙ q)

  Matrix change = to_matrix(h_before);
  add_scaled(-1, candidate, change);  // h_before − n
  Matrix h = candidate;
  add_multiplied(z, change, h);  // h = n + z ⊙ (h_before − n) = (1 − z) ⊙ n + z ⊙ h_before
  return {{{{"r", r}, {"z", z}, {"n", candidate}, {"h", h}}}, h};
}

static Step lstm_step(const NamedMatrices& weights, ConstView x, ConstView carry_before) {
  const Index batch = x.rows, n = weights["w_y"].size1();
  const ConstView h_before = carry_before.columns_from(0, n), c_before = carry_before.columns_from(n, n);

  // The pre-activations of all four in one product: block number k of the columns belongs to gate number k.
  Matrix a = product(x, weights["w_x"]);     // (batch × 4n) = (batch × inputs)·(inputs × 4n)
  add_product(h_before, weights["w_y"], a);  // + (batch × n)·(n × 4n)
  add_bias(weights["b"], a);                 // each row + (1 × 4n)

  const Matrix i = gate(Activation::sigmoid, a, 0, n);  // input: how much of the candidate is written?
  const Matrix f = gate(Activation::sigmoid, a, 1, n);  // forget: how much of the old cell state stays?
  const Matrix g = gate(Activation::tanh, a, 2, n);     // the candidate
  const Matrix o = gate(Activation::sigmoid, a, 3, n);  // output: how much of the cell state is shown?

  Matrix c(batch, n);
  multiply(i, g, c);
  add_multiplied(f, c_before, c);  // c = i ⊙ g + f ⊙ c_before: no weights on c, and no tanh
  Matrix h(batch, n);
  apply(Activation::tanh, c, h);
  multiply(o, h, h);  // h = o ⊙ tanh(c)

  Matrix carry(batch, 2 * n);
  copy(h, View(carry).columns_from(0, n));
  copy(c, View(carry).columns_from(n, n));
  return {{{{"i", i}, {"f", f}, {"g", g}, {"o", o}, {"c", c}, {"h", h}}}, carry};
}

Step step_by_hand(const std::string& cell, const NamedMatrices& weights, ConstView x, ConstView carry_before) {
  if (cell == "rnn") return basic_step(weights, x, carry_before);
  if (cell == "gru") return gru_step(weights, x, carry_before);
  if (cell == "lstm") return lstm_step(weights, x, carry_before);
  throw std::invalid_argument("step_by_hand: no steps of a cell called " + cell + " are written here");
}

bool cell_agrees(const Step& step, const std::string& cell_name, const NamedMatrices& weights, ConstView x,
                 ConstView carry_before) {
  Tape tape;
  std::vector<Var> vars;
  for (const CellParameter& parameter : find_cell_kind(cell_name).parameters(x.columns, weights["w_y"].size1())) {
    vars.push_back(tape.constant(weights[parameter.name]));
  }
  Cell& cell = find_cell_kind(cell_name).make(vars, Activation::tanh);
  const Var inputs = tape.constant(x), before = tape.constant(carry_before);
  const Var on_tape = cell.step(inputs, before);
  const Var in_loop = unroll_dynamic(cell, {inputs, 1, x.rows}, {.initial_state = before}).carry;
  return same_numbers(step.carry, on_tape.value()) && same_numbers(step.carry, in_loop.value());
}

}  // namespace gated_cells
