module;
/// Straight lines across a page: ruled paper, grids, the sides of frames.
export module rnn.data.lines;

import rnn.data.components;

export namespace rnn {

/// Removes thin lines that run across (nearly) all of the mask, horizontal or vertical, or turned by a few degrees.
/// Where ink crosses a line, the crossing stays. A line is where sums along slightly slanted rows are large: a Hough
/// transform of two parameters, where the line begins and how far it drops. Source: R. O. Duda and P. E. Hart, Use of
/// the Hough transformation to detect lines and curves in pictures, Communications of the ACM 15 (1972).
void remove_lines(Mask& mask);

}  // namespace rnn
