module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <span>
#include <utility>
#include <vector>

module mnist.saved;

import rnn.base.error;
import rnn.base.thread_pool;
import rnn.console.options;
import rnn.data.digits;
import rnn.data.images;
import rnn.formats.mnist;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.training.classifier_file;

using namespace rnn;

namespace mnist {

Saved::Saved(Options& options)
    : init_(options.input_file("init", "FILE", "weights or a checkpoint saved by training")),
      data_(options.text("data", "", "MNIST's folder, or \"digits\" for the built-in digits", "DIR")),
      seed_(options.integer("seed", 1, {0, 4294967295}, "decides which digits are drawn for --data digits")),
      threads_(options.integer("threads", available_cores(), {1, 1024}, "changes the speed, not the result")) {
  options.required("init");
}

Classifier Saved::network(const Images& images) const {
  Classifier network = load_classifier(*init_);
  const ImageSteps& steps = network.shape().steps;
  if (!can_be_cut(images, steps)) {
    throw FileError(*init_, fmt::format("shrink: expected a divisor of the images' {} rows and {} columns, found {}",
                                        images.rows, images.columns, steps.shrink));
  }
  const Index features = sequence_size(images, steps).features;
  const Index inputs = network.shape().inputs, classes = network.shape().classes;
  if (inputs == features && classes == 10) return network;
  throw FileError(*init_, fmt::format("expected a network of {} inputs and 10 classes, found {} and {}", features,
                                      inputs, classes));
}

TestImages Saved::test_images() const {
  if (*data_ == "digits") return {draw_test_digits(static_cast<std::uint32_t>(*seed_)), "built-in digits"};
  Splits splits = load_mnist_test(find_data_folder(*data_));
  for (const std::string& note : splits.notes) std::cerr << note << '\n';
  return {std::move(splits.test), splits.source};
}

unsigned Saved::threads() const { return static_cast<unsigned>(*threads_); }

std::string json_image(const Images& images, Index which) {
  std::vector<std::string> rows;
  for (Index i = 0; i < images.rows; ++i) {
    rows.push_back(
        fmt::format("[{}]", fmt::join(pixels_of(images, which).subspan(i * images.columns, images.columns), ",")));
  }
  return fmt::format("[{}]", fmt::join(rows, ","));
}

std::string json_rows(ConstView rows) {
  std::vector<std::string> texts;
  for (Index i = 0; i < rows.rows; ++i) {
    texts.push_back(fmt::format("[{}]", fmt::join(std::span(&rows(i, 0), rows.columns), ",")));
  }
  return fmt::format("[{}]", fmt::join(texts, ","));
}

}  // namespace mnist
