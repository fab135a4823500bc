module;
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>

// 06_mnist import and export: weights from PyTorch, and for it.
module mnist.commands;

import rnn.base.text;
import rnn.console.options;
import rnn.formats.safetensors;
import rnn.formats.state_dict;
import rnn.linalg.activation;
import rnn.network.classifier;
import rnn.training.classifier_file;

using namespace rnn;

namespace mnist {

namespace {

/// The two layers as one writes them in PyTorch.
std::string in_pytorch(const ClassifierShape& shape) {
  std::string kind = shape.cell;
  std::ranges::transform(kind, kind.begin(), [](unsigned char c) { return char(std::toupper(c)); });
  const char* more = shape.activation == Activation::relu ? ", nonlinearity=\"relu\"" : "";
  return fmt::format("nn.{}({}, {}{}) and nn.Linear({}, {})", kind, shape.inputs, shape.hidden, more, shape.hidden,
                     shape.classes);
}

/// What cannot be seen in the weights: from these options, or from the file where export has written it there.
constexpr const char* hidden_settings[] = {"activation", "pixels", "shrink"};

void choose_settings(TensorFile& file, const std::filesystem::path& path, const Options& options) {
  for (const std::string name : hidden_settings) {
    if (!options.given(name)) continue;
    const auto [known, is_new] = file.metadata.emplace(name, options.value(name));
    if (is_new || known->second == options.value(name)) continue;
    throw std::invalid_argument(fmt::format("--{}: expected {:.60}, as {} has it, got {}", name, known->second,
                                            shown(path), options.value(name)));
  }
}

}  // namespace

int import_weights(int argc, char** argv) {
  Options options(
      "06_mnist import",
      "Reads a state dict of PyTorch's: an nn.RNN, nn.GRU or nn.LSTM of one layer in one direction, and an\n"
      "nn.Linear on its last output. Writes their weights as this program's own, for evaluate, predict, show\n"
      "and --init. The names of each layer may begin with anything (rnn.weight_ih_l0, fc.weight); the numbers\n"
      "may be F16, BF16, F32 or F64; biases may be missing. PyTorch's two biases become their sum, but for\n"
      "the GRU's candidate, which needs both.");
  const auto names = options.argument("FILE", "the state dict, as safetensors.torch.save_file writes it");
  options.group("Network, where the weights do not show it");
  options.choice("activation", "tanh", {"tanh", "relu"}, "an nn.RNN's nonlinearity");
  options.flag("pixels", "it reads an image pixel by pixel instead of row by row");
  options.integer("shrink", 1, {1, 1000}, "before that each N × N pixels became one, their mean");
  options.group("Output");
  const auto save = options.output_file("save", "FILE", "write the weights here");
  options.required("save");
  options.example("model.safetensors --save weights.safetensors", "then: 06_mnist evaluate --init weights.safetensors");
  options.example("relu.safetensors --activation relu --save weights.safetensors",
                  "from nn.RNN(…, nonlinearity=\"relu\")");

  return options.run(argc, argv, [&] {
    const std::filesystem::path path = names->front();
    TensorFile file = from_state_dict(read_safetensors(path), path);
    choose_settings(file, path, options);
    const Classifier network = to_classifier(file, path);
    save_classifier(*save, network);
    std::cout << fmt::format("{}: the weights of {}\n", shown(*save), in_pytorch(network.shape()));
    return 0;
  });
}

int export_weights(int argc, char** argv) {
  Options options(
      "06_mnist export",
      "Writes saved weights as a state dict of PyTorch's: those of an nn.RNN, nn.GRU or nn.LSTM under names\n"
      "that begin with \"rnn.\", those of an nn.Linear with \"linear.\". A module with two such members loads it\n"
      "as it is; strip the prefixes for the layers alone. Of PyTorch's two biases the second is zero, but for\n"
      "the GRU's candidate; import brings back the same weights, bit for bit.");
  options.group("Network");
  const auto init = options.input_file("init", "FILE", "weights or a checkpoint saved by training");
  options.required("init");
  options.group("Output");
  const auto save = options.output_file("save", "FILE", "write the state dict here, as safetensors");
  options.required("save");
  options.example("--init weights.safetensors --save model.safetensors", "for safetensors.torch.load_file");
  options.example("--init run.safetensors --save model.safetensors", "the weights of a checkpoint");

  return options.run(argc, argv, [&] {
    options.reads(*init);  // it is not written over with something that training does not read
    TensorFile file = read_safetensors(*init);
    const Classifier network = to_classifier(file, *init);
    file.metadata = metadata_of(network);
    write_safetensors(*save, to_state_dict(file, *init));
    std::cout << fmt::format("{}: rnn. and linear. for {}\n", shown(*save), in_pytorch(network.shape()));
    return 0;
  });
}

}  // namespace mnist
