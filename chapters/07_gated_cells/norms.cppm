/// Chapter 05's experiment with any kind of cell: how much of a gradient is left after many steps back.
export module gated_cells.norms;

import rnn.base.std;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.training.gradient_norms;

export namespace gated_cells {

/// ‖∂h_T/∂h_t‖ along a sequence x (T × inputs), named after the network's cell; of an LSTM ‖∂h_T/∂c_t‖ as well.
std::vector<rnn::GradientNorms> norms_of(const rnn::Classifier& network, rnn::ConstView x);

}  // namespace gated_cells
