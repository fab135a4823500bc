module;
#include <filesystem>
#include <string>

/// MNIST: 60,000 images of handwritten digits to learn from and 10,000 to be tested on, as published by Yann LeCun,
/// Corinna Cortes and Christopher Burges.
export module rnn.formats.mnist;

import rnn.data.images;
import rnn.linalg.matrix;

export namespace rnn {

/// The folder to read MNIST from: `option` (that of --data) unless it is empty, else $MNIST_DIR where that is set, else
/// data/mnist. The first that is given is the only place: a file that is missing there is an error.
std::filesystem::path find_data_folder(const std::string& option = "");

/// MNIST's four files from `folder`, under either spelling of their names, plain or gzip. The first `validation_size`
/// of the training images become the validation set. Throws FileError when a file is missing or bad, and when the files
/// contradict one another; std::invalid_argument when `validation_size` leaves nothing to learn from.
Splits load_mnist(const std::filesystem::path& folder, Index validation_size = 5000);

/// The test images alone, from the same files. Throws FileError.
Dataset load_mnist_test(const std::filesystem::path& folder);

}  // namespace rnn
