module;
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <string>
#include <vector>

module gated_cells.show;

import gated_cells.by_hand;
import rnn.cases.recorded_case;
import rnn.linalg.matrix;

using namespace rnn;

namespace gated_cells {

// A line of inputs: the value, and which commands come with it.
struct Command {
  const char* word;
  Real value, write, erase, show;
};
static constexpr Command commands[] = {
    {"write", 0.9, 1, 0, 0},  {"", 0.5, 0, 0, 0},     {"show", -0.7, 0, 0, 1}, {"", 0.2, 0, 0, 0},
    {"write", -0.4, 1, 0, 0}, {"show", 0.6, 0, 0, 1}, {"erase", 0, 0, 1, 0},   {"show", 0.8, 0, 0, 1},
};

// A gate's sum is 10 or −10, where a sigmoid is open or closed.
static constexpr Real open = 10, turn = 20;

static Matrix matrix(Index rows, Index columns, const std::vector<Real>& numbers) {
  Matrix m(rows, columns);
  std::copy(numbers.begin(), numbers.end(), m.data().begin());
  return m;
}

// One neuron with four inputs. In w_x a row belongs to an input, a column to a gate.
static NamedMatrices chosen_weights(const std::string& cell) {
  if (cell == "lstm") {
    return {{{"w_x", matrix(4, 4,
                            {0, 0, 1, 0,         // value: into the candidate g
                             turn, -turn, 0, 0,  // write: opens i, closes f
                             0, -turn, 0, 0,     // erase: closes f
                             0, 0, 0, turn})},   // show: opens o
             {"w_y", matrix(1, 4, {0, 0, 0, 0})},
             {"b", matrix(1, 4, {-open, open, 0, -open})}}};  // without a command: i closed, f open, o closed
  }
  if (cell == "gru") {
    return {{{"w_x", matrix(4, 3,
                            {0, 0, 1,      // value: into the candidate n
                             0, -turn, 0,  // write: closes z, which keeps
                             0, -turn, 0,  // erase: the same, with a value of zero
                             0, 0, 0})},   // show: there is no gate for it, h is always seen
             {"w_y", matrix(1, 3, {0, 0, 0})},
             {"b", matrix(1, 3, {open, open, 0})},  // without a command: z open
             {"b_y", matrix(1, 1, {0})}}};
  }
  return {{{"w_x", matrix(4, 1, {1, 0, 0, 0})},  // value; nothing can make use of the commands
           {"w_y", matrix(1, 1, {1})},           // "keep what you have"
           {"b", matrix(1, 1, {0})}}};
}

void show_memory(const std::string& cell) {
  const NamedMatrices weights = chosen_weights(cell);
  std::cout << "\nA memory of one number, with weights chosen by hand\n";
  Matrix carry(1, cell == "lstm" ? 2 : 1, Real(0));
  std::string header = "   t  command  value";
  for (Index t = 0; const Command& command : commands) {
    const Matrix x = matrix(1, 4, {command.value, command.write, command.erase, command.show});
    const Step step = step_by_hand(cell, weights, x, carry);
    std::string line = fmt::format("  {:2}  {:7}  {:5.1f}", t, command.word, command.value);
    for (const auto& [name, part] : step.parts.all) {
      if (t == 0) header += fmt::format("  {:>6}", name);
      line += fmt::format("  {:6.3f}", std::round(part(0, 0) * 1000) / 1000 + Real(0));  // no −0.000
    }
    if (t == 0) std::cout << header << '\n';
    std::cout << line << '\n';
    carry = step.carry;
    ++t;
  }
}

}  // namespace gated_cells
