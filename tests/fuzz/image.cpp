#include "target.hpp"

import rnn.base.error;
import rnn.data.as_mnist;
import rnn.data.images;
import rnn.data.picture;
import rnn.formats.picture;

using namespace rnn;
using namespace rnn::testing;

/// A picture, PNG or PGM, all the way to an image like MNIST's.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_or_refuse<FileError>([&] {
    const Picture picture = parse_picture(to_text(data, size), "F");
    require(picture.values.size() == picture.rows * picture.columns * picture.channels,
            "as many values as the sizes say");
    const Images image = as_mnist(picture, "F");
    require(image.count == 1 && image.rows == 28 && image.columns == 28, "one image of 28 x 28");
    require(image.pixels.size() == 28 * 28, "784 pixels");
    require(std::ranges::max(image.pixels) == 255, "the strongest ink is 255");
  });
  return 0;
}
