module;
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

module rnn.formats.mnist;

import rnn.base.error;
import rnn.base.text;

namespace rnn {

using std::filesystem::path;

path find_data_folder(const std::string& option) {
  if (!option.empty()) return option;
  const char* variable = std::getenv("MNIST_DIR");
  if (variable != nullptr && *variable != '\0') return variable;
  return path("data") / "mnist";
}

static std::string source(const mnist::Found& found) {
  return fmt::format("{} in {}", found.collection->name, shown(found.folder));
}

static std::vector<path> all_files(const mnist::Found& found) {
  std::vector<path> files;
  for (const std::vector<path>& of_role : found.files) files.insert(files.end(), of_role.begin(), of_role.end());
  return files;
}

Splits load_mnist(const path& folder, Index validation_size) {
  Splits splits;
  const mnist::Found found = mnist::find_files(folder, true, splits.notes);
  splits.source = source(found);
  splits.files = all_files(found);
  splits.train = mnist::load_part(found, mnist::train_images, mnist::train_labels, splits.notes).data;
  auto [test_data, test_file] = mnist::load_part(found, mnist::test_images, mnist::test_labels, splits.notes);
  splits.test = std::move(test_data);
  const Images &train = splits.train.images, &test = splits.test.images;
  if (test.rows != train.rows || test.columns != train.columns)
    throw FileError(test_file, fmt::format("byte 8: expected images of {} pixels as in the training set, found {}",
                                           shape(train.rows, train.columns), shape(test.rows, test.columns)));
  if (validation_size >= train.count)
    throw std::invalid_argument(fmt::format("load_mnist: validation_size must be under the {} training images, got {}",
                                            train.count, validation_size));
  splits.validation = take_first(splits.train, validation_size);
  return splits;
}

Splits load_mnist_test(const path& folder) {
  Splits splits;
  const mnist::Found found = mnist::find_files(folder, false, splits.notes);
  splits.source = source(found);
  splits.files = all_files(found);
  splits.test = mnist::load_part(found, mnist::test_images, mnist::test_labels, splits.notes).data;
  return splits;
}

}  // namespace rnn
