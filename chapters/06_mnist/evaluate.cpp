module;
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <iostream>
#include <string>
#include <vector>

// 06_mnist evaluate: how well saved weights read images that they were not trained on.
module mnist.commands;

import mnist.saved;
import rnn.base.json;
import rnn.console.options;
import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.training.data_parallel;
import rnn.training.evaluation;
import rnn.training.metrics;

using namespace rnn;

namespace mnist {

int evaluate(int argc, char** argv) {
  Options options("06_mnist evaluate",
                  "Reads the test images with saved weights, and prints the accuracy, the mean loss, and the accuracy\n"
                  "on each digit. The weights may have been trained on images of another kind.");
  options.group("Network and images");
  const Saved saved(options);
  options.group("Output");
  const auto json = options.flag("json", "print one JSON object, and nothing else");
  options.example("--init weights.safetensors",
                  "how good the weights from \"06_mnist --save weights.safetensors\" are");
  options.example("--init weights.safetensors --data digits", "the same on digits that the program draws itself");

  return options.run(argc, argv, [&] {
    const auto [data, source] = saved.test_images();
    const Classifier network = saved.network(data.images);
    DataParallel threads(saved.threads());
    const Score result = score(logits_of(network, data.images, threads), data.labels);
    const auto per_digit = [&](const char* none, const char* format) {
      std::vector<std::string> texts;
      for (Index digit = 0; digit < 10; ++digit) {
        const double accuracy = result.accuracy_of(digit);
        texts.push_back(std::isnan(accuracy) ? none : fmt::format(fmt::runtime(format), accuracy));
      }
      return texts;
    };
    if (*json) {
      std::cout << fmt::format("{{\"source\":{},\"examples\":{},\"accuracy\":{},\"loss\":{},\"per_digit\":[{}]}}\n",
                               quote(source), data.size(), result.accuracy, result.loss,
                               fmt::join(per_digit("null", "{}"), ","));
      return 0;
    }
    std::cout << fmt::format("{}: {} test images\naccuracy: {:.4f} loss: {:.4f}\n\ndigit     ", source, data.size(),
                             result.accuracy, result.loss);
    for (Index digit = 0; digit < 10; ++digit) std::cout << fmt::format("{:>7}", digit);
    std::cout << "\naccuracy  ";
    for (const std::string& text : per_digit("none", "{:.4f}")) std::cout << fmt::format("{:>7}", text);
    std::cout << '\n';
    return 0;
  });
}

}  // namespace mnist
