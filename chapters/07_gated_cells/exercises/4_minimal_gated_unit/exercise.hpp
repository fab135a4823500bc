// 07.4 The minimal gated unit, a cell of your own (hard)
#pragma once

import rnn.network.cell;

/// A GRU with one gate instead of two, as a kind of cell that can be unrolled like the others:
///
///   f = σ(x·W_f + h_before·U_f + b_f)
///   n = tanh(x·W_n + b_n + f ⊙ (h_before·U_n))
///   h = h_before + f ⊙ (n − h_before)
///
/// Shapes, in the order f, n: W_x (inputs × 2n), W_y = U (n × 2n), b (1 × 2n). The carry is h.
/// Source: Zhou, Wu, Zhang and Zhou, Minimal gated unit for recurrent neural networks, 2016.
rnn::CellKind minimal_gated_unit();
