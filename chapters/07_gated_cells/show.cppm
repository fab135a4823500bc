/// What is printed of single steps.
export module gated_cells.show;

import rnn.base.std;

export namespace gated_cells {

/// Prints a step by hand with random weights and inputs, gate by gate: two examples, three inputs, three neurons.
/// Returns whether the cell's own step gives the same numbers.
bool show_one_step(const std::string& cell, std::uint64_t seed);

/// Prints what one neuron of that kind of cell, with weights chosen by a person, makes of a short list of commands: a
/// value comes in at every step, and three more inputs say whether to write it, to erase what was written, to show it.
void show_memory(const std::string& cell);

}  // namespace gated_cells
