module;
#include <fmt/format.h>

#include <boost/random/mersenne_twister.hpp>
#include <cstdint>
#include <iostream>
#include <string>

module gated_cells.show;

import gated_cells.by_hand;
import rnn.base.random;
import rnn.cases.recorded_case;
import rnn.console.print;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.initializers;

using namespace rnn;

namespace gated_cells {

// What the letters of the formulas stand for.
static std::string title(const std::string& cell, const std::string& part) {
  if (part == "r") return "r, the reset gate";
  if (part == "z") return "z, the update gate";
  if (part == "n") return "n, the candidate";
  if (part == "i") return "i, the input gate";
  if (part == "f") return "f, the forget gate";
  if (part == "g") return "g, the candidate";
  if (part == "o") return "o, the output gate";
  if (part == "c") return "c = f * c_before + i * g";
  if (cell == "gru") return "h = (1 - z) * n + z * h_before";
  return cell == "lstm" ? "h = o * tanh(c)" : "h = tanh(x·W_x + h_before·W_y + b)";
}

bool show_one_step(const std::string& cell, std::uint64_t seed) {
  constexpr Index batch = 2, inputs = 3, n = 3;
  auto engine = seeded(combine_seeds({seed, 1}));
  const CellKind& kind = find_cell_kind(cell);
  Matrix x(batch, inputs), carry_before(batch, kind.carry(n));
  random_normal(x, engine);
  random_normal(carry_before, engine, 0.5);
  NamedMatrices weights;
  for (const auto& [name, rows, columns] : kind.parameters(inputs, n)) {
    random_normal(weights.all.emplace_back(name, Matrix(rows, columns)).second, engine);
  }

  const Step step = step_by_hand(cell, weights, x, carry_before);
  const bool same = cell_agrees(step, cell, weights, x, carry_before);
  std::cout << fmt::format("One step by hand: {}\n", cell);
  print(std::cout, "x", x, {"batch", "inputs"});
  print(std::cout, "h_before", ConstView(carry_before).columns_from(0, n), {"batch", "neurons"});
  if (carry_before.size2() > n) {
    print(std::cout, "c_before", ConstView(carry_before).columns_from(n, n), {"batch", "neurons"});
  }
  for (const auto& [name, part] : step.parts.all) print(std::cout, title(cell, name), part, {"batch", "neurons"});
  std::cout << "The cell's own step, on the tape and in the loop, gives "
            << (same ? "the same numbers, bit for bit.\n" : "DIFFERENT numbers.\n");
  return same;
}

}  // namespace gated_cells
