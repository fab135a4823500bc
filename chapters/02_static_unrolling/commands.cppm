/// What 02_static_unrolling does besides unrolling a cell, each a main() of its own.
export module static_unrolling.commands;

export namespace static_unrolling {

/// The slope of a loss: measured by nudging a weight, then computed with the chain rule, then followed downhill.
int slope(int argc, char** argv);

/// Five numbers on a tape: their values after the forward pass, their gradients after the backward pass.
int scalars(int argc, char** argv);

}  // namespace static_unrolling
