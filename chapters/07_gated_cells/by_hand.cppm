/// One step of each kind of cell written out with matrices, and the same from the cell itself.
export module gated_cells.by_hand;

import rnn.base.std;
import rnn.cases.recorded_case;
import rnn.linalg.matrix;

export namespace gated_cells {

/// What a step computes on its way, by the names in its formulas, and what it hands on.
struct Step {
  rnn::NamedMatrices parts;  // gates, candidate, …, all (batch × n)
  rnn::Matrix carry;         // (batch × carry): h; of the LSTM h, then c
};

/// A step of the kind of cell called `cell`, line by line. Shapes: x (batch × inputs), carry_before (batch × carry),
/// weights as the kind lists them.
Step step_by_hand(const std::string& cell, const rnn::NamedMatrices& weights, rnn::ConstView x,
                  rnn::ConstView carry_before);

/// True when the cell's step on the tape and its step in the loop both give `step.carry`, bit for bit.
bool cell_agrees(const Step& step, const std::string& cell, const rnn::NamedMatrices& weights, rnn::ConstView x,
                 rnn::ConstView carry_before);

}  // namespace gated_cells
