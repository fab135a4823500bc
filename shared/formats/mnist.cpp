module;
#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

module rnn.formats.mnist;

import rnn.base.error;
import rnn.data.images;
import rnn.formats.idx;
import rnn.linalg.matrix;

namespace rnn {

namespace {

using std::filesystem::path;

/// The file that holds `what` ("train-images") with `axes` ("idx3"), as it is called in this folder.
path find_file(const path& folder, const std::string& what, const std::string& axes) {
  const path published = folder / (what + "-" + axes + "-ubyte");
  const path unpacked_by_others = folder / (what + "." + axes + "-ubyte");
  for (const path& plain : {published, unpacked_by_others}) {
    for (const path& candidate : {plain, path(plain.string() + ".gz")}) {
      std::error_code unreadable;  // then it is there, and reading it will say what is wrong
      if (std::filesystem::exists(candidate, unreadable) || unreadable) return candidate;
    }
  }
  throw FileError(published.string() + ".gz", "no such file, nor " + unpacked_by_others.filename().string() +
                                                  ", packed or not (data/fetch_mnist fetches MNIST)");
}

/// The images and labels of "train" or "t10k".
Dataset load(const path& folder, const std::string& part) {
  const path images_file = find_file(folder, part + "-images", "idx3");
  const path labels_file = find_file(folder, part + "-labels", "idx1");
  Dataset set{read_idx_images(images_file), read_idx_labels(labels_file)};
  if (set.images.count == 0) throw FileError(images_file, "byte 4: expected at least one image, found none");
  if (set.labels.size() != set.images.count)
    throw FileError(labels_file, fmt::format("byte 4: expected {} labels, as many as images in {}, found {}",
                                             set.images.count, images_file.string(), set.labels.size()));
  return set;
}

}  // namespace

path find_data_folder(const std::string& option) {
  if (!option.empty()) return option;
  const char* variable = std::getenv("MNIST_DIR");
  if (variable != nullptr && *variable != '\0') return variable;
  return path("data") / "mnist";
}

Splits load_mnist(const path& folder, Index validation_size) {
  Splits splits;
  splits.source = "MNIST in " + folder.string();
  splits.train = load(folder, "train");
  splits.test = load_mnist_test(folder);
  const Images &train = splits.train.images, &test = splits.test.images;
  if (test.rows != train.rows || test.columns != train.columns)
    throw FileError(find_file(folder, "t10k-images", "idx3"),
                    fmt::format("byte 8: expected images of {} pixels as in the training set, found {}",
                                shape(train.rows, train.columns), shape(test.rows, test.columns)));
  if (validation_size >= train.count)
    throw std::invalid_argument(fmt::format("load_mnist: validation_size must be under the {} training images, got {}",
                                            train.count, validation_size));
  splits.validation = take_first(splits.train, validation_size);
  return splits;
}

Dataset load_mnist_test(const path& folder) { return load(folder, "t10k"); }

}  // namespace rnn
