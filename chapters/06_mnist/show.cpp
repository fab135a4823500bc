module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// 06_mnist show: what saved weights confuse, and what goes on in the network while it reads.
module mnist.commands;

import mnist.saved;
import rnn.base.json;
import rnn.console.options;
import rnn.console.terminal;
import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.loss;
import rnn.network.reading;
import rnn.training.data_parallel;
import rnn.training.evaluation;
import rnn.training.metrics;

using namespace rnn;

namespace mnist {

namespace {

/// A test image that was read as another digit.
struct Misread {
  Index index, label, digit;
  Real probability;  // of the wrong digit
};

/// The images that are misread, the most confident mistakes first.
std::vector<Misread> find_misread(ConstView probabilities, const Dataset& data) {
  std::vector<Misread> misread;
  for (Index i = 0; i < data.size(); ++i) {
    const Index digit = argmax(probabilities.rows_from(i, 1));
    if (digit != data.labels[i]) misread.push_back({i, data.labels[i], digit, probabilities(i, digit)});
  }
  std::ranges::sort(misread, {}, [](const Misread& one) { return std::pair(-one.probability, one.index); });
  return misread;
}

std::string json(const Misread& misread, const Images& images) {
  return fmt::format("{{\"index\":{},\"label\":{},\"digit\":{},\"probability\":{},\"pixels\":{}}}", misread.index,
                     misread.label, misread.digit, misread.probability, json_image(images, misread.index));
}

void print_confusion(const Score& result) {
  std::cout << "\nrow: the digit, column: what it was read as\n     ";
  for (Index digit = 0; digit < 10; ++digit) std::cout << fmt::format("{:>6}", digit);
  std::cout << "  accuracy\n";
  for (Index digit = 0; digit < 10; ++digit) {
    const double accuracy = result.accuracy_of(digit);
    std::cout << fmt::format("{:>5}", digit);
    for (const Index count : result.confusion[digit])
      std::cout << fmt::format("{:>6}", count == 0 ? "." : std::to_string(count));
    std::cout << fmt::format("{:>10}\n", std::isnan(accuracy) ? "none" : fmt::format("{:.4f}", accuracy));
  }
}

void print_misread(const std::vector<Misread>& misread, Index all, const Images& images) {
  constexpr Index width = 22, beside = 3;  // as fit into 80 columns
  std::cout << fmt::format("\n{} images are misread; the most confident mistakes:\n", all);
  std::vector<Drawing> drawings;
  for (const Misread& one : misread) {
    Drawing drawing = draw_ink(pixels_of(images, one.index), images.columns, width, is_colorful(1));
    for (const std::string& line :
         {fmt::format("image {}", one.index), fmt::format("{} {}, read as {} ({:.1f}%)", one.label == 8 ? "an" : "a",
                                                          one.label, one.digit, 100 * one.probability)}) {
      drawing.lines.push_back(fmt::format("{:<{}}", line, drawing.width));
    }
    drawings.push_back(std::move(drawing));
    if (drawings.size() < beside && &one != &misread.back()) continue;
    for (const std::string& line : side_by_side(drawings)) std::cout << line << '\n';
    drawings.clear();
  }
}

void print_states(const Dataset& data, Index which, ConstView states) {
  const bool color = is_colorful(1);
  const Index shown = std::min<Index>(states.columns, color ? 100 : 50);  // as fit into 80 columns
  Real limit = 1;
  for (Index i = 0; i < states.size(); ++i) limit = std::max(limit, std::abs(states.data[i]));
  std::cout << fmt::format(
      "\nimage {}, a {}: its rows, and after each the state of {} neurons, {} {:.3g} to {} {:.3g}\n", which,
      data.labels[which],
      shown < states.columns ? fmt::format("the first {} of {}", shown, states.columns) : fmt::format("{}", shown),
      color ? "blue" : "blank", -limit, color ? "red" : "full", limit);
  const Images& images = data.images;
  const Index rows_of_a_block = images.rows / states.rows;  // a network that shrinks images has fewer rows
  for (Index i = 0; i < images.rows; ++i) {
    std::cout << draw_row(pixels_of(images, which).subspan(i * images.columns, images.columns), color);
    if ((i + 1) % rows_of_a_block == 0) {
      const ConstView state = states.rows_from(i / rows_of_a_block, 1);
      std::cout << "  " << draw_numbers(state.columns_from(0, shown), limit, color);
    }
    std::cout << '\n';
  }
}

}  // namespace

int show(int argc, char** argv) {
  Options options("06_mnist show",
                  "Shows how saved weights read the test images: which digits they confuse, their most confident\n"
                  "mistakes, and the hidden states after each row of one image.");
  options.group("Network and test images");
  const Saved saved(options);
  options.group("Output");
  const auto count = options.integer("count", 6, {0, 10000}, "misread images to show");
  const auto image = options.integer("image", 0, {0, 4294967295}, "the test image whose states are shown", "I");
  const auto as_json = options.flag("json", "print one JSON object, and nothing else");
  options.example("--init weights.safetensors", "all of it");
  options.example("--init weights.safetensors --count 30 --image 8", "more mistakes, and the states for test image 8");

  return options.run(argc, argv, [&] {
    const auto [data, source] = saved.test_images();
    const Classifier network = saved.network(data.images);
    if (*image >= data.size()) {
      throw std::invalid_argument(
          fmt::format("--image: expected a test image of {}, 0 to {}, got {}", source, data.size() - 1, *image));
    }
    DataParallel threads(saved.threads());
    Matrix logits = logits_of(network, data.images, threads);
    const Score result = score(logits, data.labels);
    softmax(logits, logits);
    std::vector<Misread> misread = find_misread(logits, data);
    const Index all = misread.size();
    misread.resize(std::min(all, *count));
    const Reading reading = read_by_rows(network, data.images, *image);

    if (!*as_json) {
      std::cout << fmt::format("{}: {} test images, accuracy {:.4f}\n", source, data.size(), result.accuracy);
      print_confusion(result);
      print_misread(misread, all, data.images);
      print_states(data, *image, reading.states);
      return 0;
    }
    std::vector<std::string> confusion, mistakes;
    for (const auto& row : result.confusion) confusion.push_back(fmt::format("[{}]", fmt::join(row, ",")));
    for (const Misread& one : misread) mistakes.push_back(json(one, data.images));
    std::cout << fmt::format(
        "{{\"source\":{},\"examples\":{},\"accuracy\":{},\"confusion\":[{}],\"misread\":[{}],"
        "\"image\":{{\"index\":{},\"label\":{},\"states\":{},\"pixels\":{}}}}}\n",
        quote(source), data.size(), result.accuracy, fmt::join(confusion, ","), fmt::join(mistakes, ","), *image,
        data.labels[*image], json_rows(reading.states), json_image(data.images, *image));
    return 0;
  });
}

}  // namespace mnist
