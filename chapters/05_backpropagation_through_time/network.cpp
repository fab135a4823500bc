module;
#include <boost/random/mersenne_twister.hpp>
#include <cstdint>
#include <string>
#include <vector>

module backpropagation.network;

import rnn.base.random;
import rnn.cases.recorded_case;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.initializers;

using namespace rnn;

namespace backpropagation {

Tiny::Tiny(const std::string& cell, std::uint64_t seed)
    : cell(cell), examples{.x = rnn::Sequence(3, 2, 2), .labels = {0, 1}} {
  auto engine = seeded(seed);
  random_normal(examples.x.rows(), engine);
  std::vector<CellParameter> parameters = find_cell_kind(cell).parameters(2, 3);
  parameters.insert(parameters.end(), {{"w_out", 3, 2}, {"b_out", 1, 2}});
  for (const auto& [name, rows, columns] : parameters) {
    random_normal(weights.all.emplace_back(name, Matrix(rows, columns)).second, engine);
  }
}

}  // namespace backpropagation
