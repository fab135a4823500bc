/// The weights of a recurrent layer and a dense one under PyTorch's names, and under ours.
///
/// A state dict of nn.RNN, nn.GRU or nn.LSTM with one layer, and of an nn.Linear on its last output:
///
///   weight_ih_l0 (k·n × inputs)   w_x = its transpose             k = 1: nn.RNN, 3: nn.GRU, 4: nn.LSTM
///   weight_hh_l0 (k·n × n)        w_y = its transpose             the gates' blocks are in the same order in both
///   bias_ih_l0 (k·n)              b = bias_ih_l0 + bias_hh_l0     added as Real, since PyTorch only ever adds them …
///   bias_hh_l0 (k·n)              b_y = its last block of n       … except for the GRU's candidate, which has both
///   weight (classes × n)          w_out = its transpose
///   bias (classes)                b_out
///
/// Neither way of writing them says what cannot be seen in the numbers: the nonlinearity of an nn.RNN, batch_first.
export module rnn.formats.state_dict;

import rnn.base.std;
import rnn.formats.safetensors;

export namespace rnn {

/// The weights of a state dict under our names, and the cell's name among the metadata. Each of the two layers may have
/// any prefix ("rnn.", "model.fc."), and no biases: these are then zeros. Throws FileError, one line, for anything else
/// than these two layers, such as a second layer of the recurrent one, a direction back, a projection, a second
/// nn.Linear; for shapes that do not fit together; and for a number that is not finite.
TensorFile from_state_dict(const TensorFile& file, const std::filesystem::path& path);

/// The weights of a classifier's file as a state dict, with the prefixes "rnn." and "linear.". b becomes
/// rnn.bias_ih_l0, and rnn.bias_hh_l0 is zero but for b_y: from_state_dict brings back the same bits. What else is in
/// the file, as in a checkpoint, is left out. Throws FileError when a weight is missing or has another shape, or when
/// PyTorch has no such cell.
TensorFile to_state_dict(const TensorFile& file, const std::filesystem::path& path);

}  // namespace rnn

// What the implementation units share. It is not exported, so no importer sees it.
namespace rnn::state_dict {

/// Where the two layers are: what their tensors' names begin with.
struct Prefixes {
  std::string recurrent, linear;
};

/// Throws FileError unless the tensors are those of one recurrent layer and one nn.Linear, by their names: names.cpp.
Prefixes prefixes_in(const TensorFile& file, const std::filesystem::path& path);

/// A name for messages: cut, since in a file it may have millions of letters.
std::string in_words(std::string_view name);

}  // namespace rnn::state_dict
