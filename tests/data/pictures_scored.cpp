// How many pictures are read right: test digits, each in every way in which pictures differ from MNIST's images.
// usage: pictures_scored "digits" for the built-in ones, or MNIST's folder unless $MNIST_DIR is set
//                        [COUNT of digits [WEIGHTS, unless a network is trained here [KIND of picture …]]]
// Where the folder has no MNIST, the exit status 77 tells Meson that nothing was tested.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../support/picture_kinds.hpp"

import rnn.base.error;
import rnn.base.thread_pool;
import rnn.data.as_mnist;
import rnn.data.digits;
import rnn.data.images;
import rnn.data.picture;
import rnn.formats.mnist;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.initializers;
import rnn.network.reading;
import rnn.training.classification;
import rnn.training.classifier_file;
import rnn.training.metrics;
import rnn.training.trainer;

using namespace rnn;
using namespace rnn::testing;

namespace {

Classifier trained(const Dataset& data) {
  constexpr Index epochs = 6;
  Classifier network({.hidden = 64, .cell = "gru"});
  Engine engine(1);
  network.initialize(engine);
  const Classification task(network, data, {.batch = 100});
  Trainer trainer(network.parameters, {.adam = {.learning_rate = Real(0.004)}, .threads = available_cores()});
  for (Index epoch = 0; epoch < epochs; ++epoch) task.train_epoch(trainer, epoch);
  return network;
}

/// Whether enough pictures are read right: of 200, at most 11 fewer than of the images themselves; of fewer pictures,
/// as large a part, rounded up to whole pictures.
bool enough(Index right, Index of_images, Index count) { return right + (11 * count + 199) / 200 >= of_images; }

struct Result {
  Index right = 0, refused = 0;
  std::string line = {};  // what the last one that was refused was refused with
};

Index digit_in(const Images& image, const Classifier& network) {
  const Reading reading = read_by_rows(network, image, 0);
  return argmax(ConstView(reading.probabilities).rows_from(image.rows - 1, 1));
}

Result score(const PictureKind& kind, const Dataset& digits, const Classifier& network, ThreadPool& threads) {
  std::vector<Result> results(digits.size());
  threads.run(results.size(), [&](std::size_t k, unsigned) {
    Dice dice(std::uint32_t(k + 1));
    const Picture picture = kind.draw(ink_of(digits.images, k), dice);
    try {
      results[k].right = digit_in(as_mnist(picture, "picture " + std::to_string(k)), network) == digits.labels[k];
    } catch (const FileError& error) {
      results[k] = {0, 1, error.what()};
    }
  });
  Result sum;
  for (const Result& one : results) {
    sum.right += one.right, sum.refused += one.refused;
    if (!one.line.empty()) sum.line = ": " + one.line;
  }
  return sum;
}

/// How many of the images themselves are read right.
Index score(const Dataset& digits, const Classifier& network) {
  Index right = 0;
  for (Index k = 0; k < digits.size(); ++k) {
    const auto pixels = pixels_of(digits.images, k);
    const Images image{1, digits.images.rows, digits.images.columns, {pixels.begin(), pixels.end()}};
    right += digit_in(image, network) == digits.labels[k];
  }
  return right;
}

/// How many kinds have too few that are read right.
int report(const Dataset& digits, const Classifier& network, std::span<char*> names) {
  ThreadPool threads(available_cores());
  const Index count = digits.size(), of_images = score(digits, network);
  std::printf("%3zu of %zu  the images themselves\n", of_images, count);
  int failures = 0;
  for (const auto* kinds : {&noise_and_dirt(), &frames_and_lines(), &light_and_color(), &pages_and_cuts()}) {
    for (const PictureKind& kind : *kinds) {
      if (!names.empty() && std::ranges::find(names, kind.name) == names.end()) continue;
      const Result result = score(kind, digits, network, threads);
      std::printf("%3zu of %zu  %s", result.right, count, kind.name.c_str());
      if (result.refused > 0) std::printf(", %zu refused%s", result.refused, result.line.c_str());
      std::printf("%s\n", enough(result.right, of_images, count) ? "" : "  FAILED");
      std::fflush(stdout);
      failures += !enough(result.right, of_images, count);
    }
  }
  return failures;
}

}  // namespace

int main(int count, char** arguments) {
  const std::span words(arguments, std::size_t(count));
  const char* variable = std::getenv("MNIST_DIR");
  const bool drawn = count > 1 && words[1] == std::string_view("digits");
  const std::filesystem::path folder = variable != nullptr ? variable : count > 1 ? words[1] : "data/mnist";
  if (!drawn && !std::filesystem::exists(folder / "train-images-idx3-ubyte.gz") &&
      !std::filesystem::exists(folder / "train-images-idx3-ubyte")) {
    std::printf("skipped: no MNIST in %s\n", folder.c_str());
    return 77;
  }
  const Index digits = count > 2 ? Index(std::atoi(words[2])) : 200;
  Dataset test = drawn ? draw_digits(digits, 2) : load_mnist_test(folder).test;
  const Classifier network = count > 3 ? load_classifier(words[3])
                             : drawn   ? trained(draw_digits(50000, 1))
                                       : trained(load_mnist(folder).train);
  const int failures = report(take_first(test, digits), network, words.subspan(std::min<std::size_t>(4, words.size())));
  return failures == 0 ? 0 : 1;
}
