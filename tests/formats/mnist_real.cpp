// The real MNIST, in $MNIST_DIR, else in the folder that the first argument names.
#include <sys/resource.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "../support/real_data.hpp"

import rnn.data.images;
import rnn.formats.idx;
import rnn.formats.mnist;
import rnn.linalg.matrix;

using namespace rnn;

namespace {

std::array<int, 10> histogram(const Dataset& set) {
  std::array<int, 10> count{};
  for (const std::uint8_t label : set.labels) ++count[label];
  return count;
}

double mean_ink(const Images& images) {
  double sum = 0;
  for (const std::uint8_t pixel : images.pixels) sum += pixel;
  return sum / double(images.pixels.size()) / 255;
}

/// MNIST's own files, packed, beside unpacked ones that are whole but blank: as long, and first by their names.
void check_that_mnist_is_preferred(const std::filesystem::path& folder, const Splits& own) {
  std::string name = (std::filesystem::temp_directory_path() / "mnist_real.XXXXXX").string();
  const std::filesystem::path both = mkdtemp(name.data());
  for (const auto& [part, count] : {std::pair("train", Index(60000)), std::pair("t10k", Index(10000))}) {
    const std::string images = part + std::string("-images-idx3-ubyte"),
                      labels = part + std::string("-labels-idx1-ubyte");
    write_idx(both / images, Images{count, 28, 28, std::vector<std::uint8_t>(count * 28 * 28)});
    write_idx(both / labels, std::vector<std::uint8_t>(count));
    for (const std::string& file : {images, labels}) {
      const bool packed = std::filesystem::exists(folder / (file + ".gz"));
      const std::string original = packed ? file + ".gz" : file;
      std::filesystem::create_symlink(std::filesystem::absolute(folder / original), both / (file + ".gz"));
    }
  }
  const Splits found = load_mnist(both);
  std::filesystem::remove_all(both);
  check(found.train.images.pixels == own.train.images.pixels && found.train.labels == own.train.labels &&
            found.test.images.pixels == own.test.images.pixels && found.test.labels == own.test.labels,
        "MNIST's own files are read though others come first");
  bool all_noted = found.notes.size() == 4;
  for (const std::string& note : found.notes) all_noted = all_noted && note.find(".gz is read, with MNIST's") + 1;
  check(all_noted, "which is noted of all four");
}

}  // namespace

int main(int count, char** arguments) {
  const std::filesystem::path folder = folder_of_data("MNIST_DIR", count, arguments);
  if (!std::filesystem::exists(folder / "train-images-idx3-ubyte.gz") &&
      !std::filesystem::exists(folder / "train-images-idx3-ubyte")) {
    std::printf("skipped: no MNIST in %s\n", folder.c_str());
    return skipped;
  }
  const Splits splits = load_mnist(folder);
  [[maybe_unused]] const double memory = [] {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return double(usage.ru_maxrss) / 1024;
  }();

  check(splits.train.size() == 55000 && splits.validation.size() == 5000 && splits.test.size() == 10000,
        "55,000 images to learn from, 5,000 for validation, 10,000 for the test");
  check(splits.train.images.rows == 28 && splits.train.images.columns == 28, "of 28x28 pixels");
  const std::array<int, 10> test = {980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009};
  check(histogram(splits.test) == test, "as many of each digit in the test set as published");
  const std::array<int, 10> all = {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949};
  std::array<int, 10> sum = histogram(splits.train);
  for (Index digit = 0; digit < 10; ++digit) sum[digit] += histogram(splits.validation)[digit];
  check(sum == all, "as many of each digit in the other two together");
  check(splits.validation.labels[0] == 5 && splits.validation.labels[1] == 0, "the first digits are 5 and 0");
  check(splits.train.labels[0] == 7 && splits.test.labels[0] == 7, "the first after the split, and of the test, is 7");
  check(mean_ink(splits.test.images) > 0.1325 && mean_ink(splits.test.images) < 0.1326, "13.25 % of the test is ink");
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
  std::printf("%.1f MiB at most\n", memory);
  check(memory < 2 * 70000 * 785 / 1024.0 / 1024, "at most twice the decoded size in memory");
#endif
  check_that_mnist_is_preferred(folder, splits);
  return failures == 0 ? 0 : 1;
}
