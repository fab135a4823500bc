#pragma once
// A small data set for the tests of chapter 06.

#include <string>
#include <tuple>

#include "chapter.hpp"

import rnn.data.digits;
import rnn.data.images;
import rnn.formats.idx;

namespace rnn::testing {

/// A folder with 500 drawn digits for training and 100 for testing, as MNIST's four files.
inline const std::string& mnist_folder() {
  static const Folder folder;
  static const std::string path = [] {
    for (const auto& [name, count, first] : {std::tuple("train", 500, 0), std::tuple("t10k", 100, 60000)}) {
      const Dataset digits = draw_digits(count, 1, first, 1);
      write_idx(folder / (std::string(name) + "-images-idx3-ubyte"), digits.images);
      write_idx(folder / (std::string(name) + "-labels-idx1-ubyte"), digits.labels);
    }
    return folder / "";
  }();
  return path;
}

}  // namespace rnn::testing
