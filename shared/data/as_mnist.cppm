/// How a picture of a digit becomes an image like those of MNIST.
export module rnn.data.as_mnist;

import rnn.base.std;
import rnn.data.images;
import rnn.data.picture;

export namespace rnn {

/// One image of 28 × 28 pixels, 0 paper to 255 ink, made as MNIST's were: the ink (rnn.data.ink) is cut out,
/// scaled so that its longer side is 20 pixels, each the mean of the area that it covers, and moved so that its center
/// of mass falls on the pixel (14, 14). The strongest ink becomes 255. Throws FileError, about `name`, where there is
/// no digit, or more than one.
/// Source: the description of how MNIST was made on Yann LeCun's page.
Images as_mnist(const Picture& picture, const std::filesystem::path& name);

}  // namespace rnn
