/// The list of all kinds of cells, from which options, files of weights and recorded cases know them by name.
export module rnn.network.cell.kinds;

import rnn.base.std;
import rnn.network.cell;

export namespace rnn {

/// All kinds; the basic cell first.
std::span<const CellKind> cell_kinds();

/// Their names, in the same order.
std::vector<std::string> cell_names();

/// The kind of that name. Throws std::invalid_argument, with all names, when there is none.
const CellKind& find_cell_kind(std::string_view name);

}  // namespace rnn
