/// Recorded cases.
export module gated_cells.replay;

import rnn.base.std;

export namespace gated_cells {

/// Computes a recorded case: one with labels gives logits, loss and gradients; another the states after each step,
/// which come from the steps by hand. Prints the comparison, or JSON. Returns the exit status.
int replay(const std::filesystem::path& file, bool json);

}  // namespace gated_cells
