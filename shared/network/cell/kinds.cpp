module;
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

module rnn.network.cell.kinds;

import rnn.network.cell;
import rnn.network.cell.basic;
import rnn.network.cell.gru;
import rnn.network.cell.lstm;

namespace rnn {

static constexpr CellKind kinds[] = {
    kind_of<BasicRnnCell>,
    kind_of<GruCell>,
    kind_of<LstmCell>,
};

std::span<const CellKind> cell_kinds() { return kinds; }

std::vector<std::string> cell_names() {
  std::vector<std::string> names;
  for (const CellKind& kind : kinds) names.push_back(kind.name);
  return names;
}

const CellKind& find_cell_kind(std::string_view name) {
  std::string names;
  for (const CellKind& kind : kinds) {
    if (kind.name == name) return kind;
    names += (names.empty() ? "" : ", ") + std::string(kind.name);
  }
  throw std::invalid_argument("find_cell_kind: expected one of " + names + ", got \"" + std::string(name) + "\"");
}

}  // namespace rnn
