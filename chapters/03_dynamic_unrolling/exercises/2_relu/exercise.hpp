// 03.2 relu as an operation on the tape (medium)
#pragma once

import rnn.autodiff.tape;

/// y = max(x, 0), element by element. dx += dy where x > 0, and nothing elsewhere.
rnn::Var my_relu(rnn::Var x);
