#include <sstream>

#include "target.hpp"

import rnn.base.error;
import rnn.data.images;
import rnn.formats.idx;

using namespace rnn;
using namespace rnn::testing;

/// An IDX file of images, plain or gzip.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_or_refuse<FileError>([&] {
    std::istringstream in(to_text(data, size));
    const Images images = read_idx_images(in, "F");
    require(images.pixels.size() == images.count * images.rows * images.columns, "as many pixels as the sizes say");
  });
  return 0;
}
