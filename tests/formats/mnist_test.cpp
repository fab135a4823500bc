#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

import rnn.base.error;
import rnn.data.images;
import rnn.formats.idx;
import rnn.formats.mnist;
import rnn.linalg.matrix;

using namespace rnn;

namespace {

Images numbered(Index count, Index side) {
  Images images{count, side, side, {}};
  for (Index i = 0; i < count * side * side; ++i) images.pixels.push_back(std::uint8_t(i / (side * side)));
  return images;
}

std::vector<std::uint8_t> labels_of(Index count) {
  std::vector<std::uint8_t> labels(count);
  for (Index i = 0; i < count; ++i) labels[i] = std::uint8_t(i % 10);
  return labels;
}

/// MNIST in small: 12 images of 2x2 to learn from and 3 for the test; image k is gray k.
struct SmallMnist {
  SmallMnist() {
    std::string name = (std::filesystem::temp_directory_path() / "mnist_test.XXXXXX").string();
    folder = mkdtemp(name.data());
    write_idx(folder / "train-images-idx3-ubyte", numbered(12, 2));
    write_idx(folder / "train-labels-idx1-ubyte", labels_of(12));
    write_idx(folder / "t10k-images-idx3-ubyte", numbered(3, 2));
    write_idx(folder / "t10k-labels-idx1-ubyte", labels_of(3));
  }
  ~SmallMnist() { std::filesystem::remove_all(folder); }

  std::string problem() const {
    try {
      load_mnist(folder, 2);
    } catch (const FileError& error) {
      return error.what();
    }
    return "";
  }

  std::filesystem::path folder;
};

/// Sets MNIST_DIR for one test.
struct Variable {
  explicit Variable(const char* value) {
    const char* now = std::getenv("MNIST_DIR");
    was_set = now != nullptr;
    if (was_set) before = now;
    if (value != nullptr)
      setenv("MNIST_DIR", value, 1);
    else
      unsetenv("MNIST_DIR");
  }
  ~Variable() {
    if (was_set)
      setenv("MNIST_DIR", before.c_str(), 1);
    else
      unsetenv("MNIST_DIR");
  }
  bool was_set = false;
  std::string before;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_first_training_images_become_the_validation_set, SmallMnist) {
  const Splits splits = load_mnist(folder, 2);
  BOOST_TEST(splits.validation.size() == 2u);
  BOOST_TEST(splits.validation.images.count == 2u);
  BOOST_TEST(int(splits.validation.images.pixels.back()) == 1);
  BOOST_TEST(int(splits.validation.labels[1]) == 1);
  BOOST_TEST(splits.train.size() == 10u);
  BOOST_TEST(splits.train.images.count == 10u);
  BOOST_TEST(splits.train.images.pixels.size() == 40u);
  BOOST_TEST(int(splits.train.images.pixels.front()) == 2);
  BOOST_TEST(int(splits.train.labels[0]) == 2);
  BOOST_TEST(splits.test.size() == 3u);
  BOOST_TEST(splits.source == "MNIST in " + folder.string());
}

BOOST_FIXTURE_TEST_CASE(no_validation_set_is_a_choice, SmallMnist) {
  BOOST_TEST(load_mnist_test(folder).test.labels == load_mnist(folder, 0).test.labels);
  BOOST_TEST(load_mnist_test(folder).source == "MNIST in " + folder.string());
  BOOST_TEST(load_mnist(folder, 0).train.size() == 12u);
  BOOST_TEST(load_mnist(folder, 0).validation.size() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_validation_set_that_leaves_nothing_to_learn_from_is_an_error, SmallMnist) {
  BOOST_TEST(load_mnist(folder, 11).train.size() == 1u);
  BOOST_CHECK_EXCEPTION(load_mnist(folder, 12), std::invalid_argument, [](const std::invalid_argument& error) {
    return error.what() == std::string("load_mnist: validation_size must be under the 12 training images, got 12");
  });
}

BOOST_FIXTURE_TEST_CASE(the_other_spelling_of_the_names_is_read_too, SmallMnist) {
  std::filesystem::rename(folder / "train-images-idx3-ubyte", folder / "train-images.idx3-ubyte");
  std::filesystem::rename(folder / "t10k-labels-idx1-ubyte", folder / "t10k-labels.idx1-ubyte.gz");
  BOOST_TEST(load_mnist(folder, 2).train.size() == 10u);
}

BOOST_FIXTURE_TEST_CASE(a_missing_file_is_named, SmallMnist) {
  std::filesystem::remove(folder / "t10k-labels-idx1-ubyte");
  BOOST_TEST(problem() == (folder / "t10k-labels-idx1-ubyte.gz").string() +
                              ": no such file, nor t10k-labels.idx1-ubyte, packed or not (data/fetch_mnist fetches "
                              "MNIST)");
}

BOOST_AUTO_TEST_CASE(a_missing_folder_is_named) {
  BOOST_CHECK_EXCEPTION(load_mnist("/no/such/folder"), FileError, [](const FileError& error) {
    return std::string(error.what()).starts_with("/no/such/folder/train-images-idx3-ubyte.gz: no such file");
  });
}

BOOST_FIXTURE_TEST_CASE(counts_of_images_and_labels_that_differ_are_an_error, SmallMnist) {
  write_idx(folder / "train-labels-idx1-ubyte", labels_of(11));
  BOOST_TEST(problem() == (folder / "train-labels-idx1-ubyte").string() + ": byte 4: expected 12 labels, as many as " +
                              "images in " + (folder / "train-images-idx3-ubyte").string() + ", found 11");
}

BOOST_FIXTURE_TEST_CASE(test_images_of_another_size_are_an_error, SmallMnist) {
  write_idx(folder / "t10k-images-idx3-ubyte", numbered(3, 3));
  BOOST_TEST(problem() == (folder / "t10k-images-idx3-ubyte").string() +
                              ": byte 8: expected images of 2x2 pixels as in the training set, found 3x3");
}

BOOST_FIXTURE_TEST_CASE(a_set_without_images_is_an_error, SmallMnist) {
  write_idx(folder / "t10k-images-idx3-ubyte", numbered(0, 2));
  write_idx(folder / "t10k-labels-idx1-ubyte", labels_of(0));
  BOOST_TEST(problem() ==
             (folder / "t10k-images-idx3-ubyte").string() + ": byte 4: expected at least one image, found none");
}

BOOST_FIXTURE_TEST_CASE(a_bad_file_is_named, SmallMnist) {
  std::ofstream(folder / "train-labels-idx1-ubyte") << "<html>";
  BOOST_TEST(problem().starts_with((folder / "train-labels-idx1-ubyte").string() + ": byte 0: expected the magic"));
}

BOOST_AUTO_TEST_CASE(the_first_place_that_is_given_is_the_only_one) {
  {
    const Variable unset(nullptr);
    BOOST_TEST(find_data_folder() == "data/mnist");
    BOOST_TEST(find_data_folder("here") == "here");
  }
  {
    const Variable set("/somewhere");
    BOOST_TEST(find_data_folder() == "/somewhere");
    BOOST_TEST(find_data_folder("here") == "here");
  }
  const Variable empty("");
  BOOST_TEST(find_data_folder() == "data/mnist");
}

BOOST_AUTO_TEST_CASE(more_than_there_is_cannot_be_taken) {
  Dataset three{numbered(3, 2), labels_of(3)};
  BOOST_CHECK_THROW(take_first(three, 4), std::invalid_argument);
  BOOST_TEST(take_first(three, 3).size() == 3u);
  BOOST_TEST(three.size() == 0u);
}
