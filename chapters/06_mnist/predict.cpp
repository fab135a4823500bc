module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// 06_mnist predict: what saved weights read in a picture, and how they get there row by row.
module mnist.commands;

import mnist.saved;
import rnn.base.json;
import rnn.base.text;
import rnn.console.options;
import rnn.console.terminal;
import rnn.data.as_mnist;
import rnn.data.images;
import rnn.formats.picture;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.reading;
import rnn.training.metrics;

using namespace rnn;

namespace mnist {

namespace {

/// One image as the network is to see it, and what was typed for it.
struct Named {
  std::string name;
  Images image;
};

/// The index of a test image, when what was typed is a whole number.
std::optional<Index> as_index(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return parse_number<Index>(text).value_or(Index(-1));  // too large for any set of images
}

// All are read before the first is shown: nothing is printed when the last one is broken.
std::vector<Named> read_images(const std::vector<std::string>& names, const Saved& saved) {
  std::optional<TestImages> test;
  std::vector<Named> images;
  for (const std::string& name : names) {
    const std::optional<Index> index = as_index(name);
    if (!index) {
      images.push_back({name, as_mnist(read_picture(name), name)});
      continue;
    }
    if (!test) test = saved.test_images();
    const Images& all = test->data.images;
    if (*index >= all.count) {
      throw std::invalid_argument(
          fmt::format("IMAGE: expected a test image of {}, 0 to {}, got {:.60}", test->source, all.count - 1, name));
    }
    const auto pixels = pixels_of(all, *index);
    images.push_back({name, {1, all.rows, all.columns, {pixels.begin(), pixels.end()}}});
  }
  return images;
}

std::string json(const Named& named, const Reading& reading) {
  const Matrix& beliefs = reading.probabilities;
  const ConstView last = ConstView(beliefs).rows_from(beliefs.size1() - 1, 1);
  const std::string probabilities = json_rows(last);
  return fmt::format("{{\"image\":{},\"digit\":{},\"probabilities\":{},\"rows\":{},\"pixels\":{}}}", quote(named.name),
                     argmax(last), probabilities.substr(1, probabilities.size() - 2), json_rows(beliefs),
                     json_image(named.image, 0));
}

/// The image, and below it the three classes that the network believes in most.
Drawing draw_answer(const Named& named, ConstView last) {
  Drawing drawing = draw_image(named.image.pixels, named.image.columns, is_colorful(1));
  std::vector<Index> order(last.columns);
  std::iota(order.begin(), order.end(), Index(0));
  std::ranges::sort(order, {}, [&](Index k) { return std::pair(-last(0, k), k); });
  drawing.lines.push_back(std::string(drawing.width, ' '));
  for (Index k = 0; k < 3; ++k) {
    drawing.lines.push_back(
        fmt::format("{:<{}}", fmt::format("  {}  {:5.1f}%", order[k], 100 * last(0, order[k])), drawing.width));
  }
  return drawing;
}

/// After each row of the image, or each that ends a block of them, how many percent each digit has; a dot is less than
/// one half.
Drawing draw_beliefs(ConstView beliefs, Index rows) {
  const Index rows_of_a_block = rows / beliefs.rows;
  Drawing drawing;
  std::string line = "after row";
  for (Index digit = 0; digit < beliefs.columns; ++digit) line += fmt::format("{:>4}", digit);
  drawing.lines.push_back(line);
  for (Index t = 0; t < beliefs.rows; ++t) {
    line = fmt::format("{:>9}", (t + 1) * rows_of_a_block - 1);
    for (Index digit = 0; digit < beliefs.columns; ++digit) {
      const Real percent = 100 * beliefs(t, digit);
      line += percent < Real(0.5) ? "   ." : fmt::format("{:>4.0f}", percent);
    }
    drawing.lines.push_back(line);
  }
  drawing.width = line.size();
  return drawing;
}

void print(const Named& named, const Reading& reading) {
  const ConstView beliefs = reading.probabilities, last = beliefs.rows_from(beliefs.rows - 1, 1);
  std::cout << fmt::format("{}: {}\n", shown(named.name), argmax(last));
  const Drawing drawings[] = {draw_answer(named, last), draw_beliefs(beliefs, named.image.rows)};
  for (const std::string& line : side_by_side(drawings)) std::cout << line << '\n';
}

}  // namespace

int predict(int argc, char** argv) {
  Options options("06_mnist predict",
                  "Reads digits with saved weights. Shows each as the network sees it, the three most likely answers,\n"
                  "and how sure the network is of each digit after each row of the image, in percent.");
  const auto names = options.arguments(
      "IMAGE",
      "a PNG or PGM file, which is cut out, scaled and centered as MNIST's digits were, and inverted where the\n"
      "paper is bright; or a whole number, the index of a test image");
  options.group("Network and test images");
  const Saved saved(options);
  options.group("Output");
  const auto as_json = options.flag("json", "print one JSON object, and nothing else");
  options.example("--init weights.safetensors my_seven.png", "what it reads in your own picture");
  options.example("--init weights.safetensors 0 1 2", "the first three test images");

  return options.run(argc, argv, [&] {
    const std::vector<Named> images = read_images(*names, saved);
    const Classifier network = saved.network(images[0].image);
    std::vector<std::string> texts;
    for (const Named& named : images) {
      const Reading reading = read_by_rows(network, named.image, 0);
      if (*as_json) {
        texts.push_back(json(named, reading));
      } else {
        if (&named != &images[0]) std::cout << '\n';
        print(named, reading);
      }
    }
    if (*as_json) std::cout << fmt::format("{{\"predictions\":[{}]}}\n", fmt::join(texts, ","));
    return 0;
  });
}

}  // namespace mnist
