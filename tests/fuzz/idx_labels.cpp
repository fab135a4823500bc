#include <sstream>
#include <vector>

#include "target.hpp"

import rnn.base.error;
import rnn.formats.idx;

using namespace rnn;
using namespace rnn::testing;

/// An IDX file of labels, plain or gzip.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_or_refuse<FileError>([&] {
    std::istringstream in(to_text(data, size));
    const std::vector<std::uint8_t> labels = read_idx_labels(in, "F");
    require(std::ranges::none_of(labels, [](int label) { return label > 9; }), "every label is a digit");
  });
  return 0;
}
