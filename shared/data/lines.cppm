module;
/// Straight lines across a page: ruled paper, grids, the sides of frames.
export module rnn.data.lines;

import rnn.data.components;

export namespace rnn {

/// Takes lines out of the mask that run across (nearly) all of it, level or upright or turned by a few degrees, and are
/// thin. Where ink crosses a line, the crossing stays.
void remove_lines(Mask& mask);

}  // namespace rnn
