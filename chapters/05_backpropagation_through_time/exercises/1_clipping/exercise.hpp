// 05.1 Clipping (easy)
#pragma once

import rnn.linalg.matrix;

/// Scales the gradients so that their length √(Σ g²) is at most `limit` (above 0). Returns the length before.
rnn::Real clip(rnn::View gradients, rnn::Real limit);
