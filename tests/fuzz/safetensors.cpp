#include <string>

#include "target.hpp"

import rnn.base.error;
import rnn.formats.safetensors;
import rnn.linalg.matrix;

using namespace rnn;
using namespace rnn::testing;

/// Weights and checkpoints in the safetensors format.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_or_refuse<FileError>([&] {
    const std::string bytes = to_text(data, size);
    const TensorFile file = parse_safetensors(bytes, "F");
    const std::string written = format_safetensors(file), summed = format_safetensors(file, Checksum::yes);
    require(format_safetensors(parse_safetensors(written, "F")) == written, "what is written is read as the same");
    require(format_safetensors(parse_safetensors(summed, "F")) == written, "with a checksum too");
    for (const Tensor& tensor : file.tensors) {
      if (tensor.dtype == "U64" && tensor.shape.size() == 1) {
        require(counters(file, "F", tensor.name).size() == tensor.shape[0], "all counters are read", tensor.name);
      }
    }
    Matrix w_x(2, 3);
    copy(file, "F", "w_x", w_x);
  });
  return 0;
}
