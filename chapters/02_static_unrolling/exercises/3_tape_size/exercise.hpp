// 02.3 Foretell the size of the tape (hard)
#pragma once

import rnn.linalg.matrix;

/// How many nodes stand on the tape after `steps` steps (at least one) were unrolled as in 02.2, leaves and stack_time
/// included: x, h_start, W_x, W_y and b are leaves.
rnn::Index tape_nodes(rnn::Index steps);
