// 02.3 Predict the size of the tape (hard)
#pragma once

import rnn.linalg.matrix;

/// How many nodes are on the tape after `steps` steps (at least one) were unrolled as in 02.2, including stack_time and
/// the leaves x, h_start, W_x, W_y and b.
rnn::Index tape_nodes(rnn::Index steps);
