module;
#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

module mnist.options;

import rnn.autodiff.graph;
import rnn.autodiff.tape;
import rnn.base.error;
import rnn.base.json;
import rnn.base.random;
import rnn.base.ranks;
import rnn.base.thread_pool;
import rnn.console.options;
import rnn.console.session;
import rnn.data.digits;
import rnn.data.images;
import rnn.data.sharing;
import rnn.formats.mnist;
import rnn.formats.safetensors;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.classifier;
import rnn.network.initializers;
import rnn.training.classification;
import rnn.training.classifier_file;
import rnn.training.trainer;

using namespace rnn;

namespace mnist {

namespace {

/// With --init and --resume, the network is that of the file's weights. It is allocated by the metadata, so these must
/// not claim anything else.
std::map<std::string, std::string> values_of_weights(const TensorFile& file, const std::filesystem::path& path) {
  const ClassifierShape shape = classifier_shape(file, path);
  const std::string hidden = std::to_string(shape.hidden);
  const auto claimed = file.metadata.find("hidden");
  if (claimed != file.metadata.end() && claimed->second != hidden) {
    throw FileError(path, fmt::format("metadata: hidden: expected {}, as w_y has it, found {:.60}", hidden,
                                      quote(claimed->second)));
  }
  return {{"hidden", hidden},
          {"activation", name(shape.activation)},
          {"cell", shape.cell},
          {"pixels", shape.steps.pixels ? "true" : "false"},
          {"shrink", std::to_string(shape.steps.shrink)}};
}

}  // namespace

TrainingOptions::TrainingOptions(Options& options)
    : options_(options),
      epochs_(
          (options.group("Training"), options.integer("epochs", 100, {1, 1000000}, "passes over the training images"))),
      batch_(options.integer("batch", 1000, {1, 1000000}, "images in each step of the optimizer")),
      learning_rate_(options.real("learning-rate", 0.001, {0, 1000, true}, "Adam's learning rate")),
      clip_(options.real("clip", 0, {0, 1000000}, "scale the gradient down to this norm; 0 does not clip")),
      no_shuffle_(options.flag("no-shuffle", "keep the images in the same order in every epoch")),
      seed_(options.integer("seed", 1, {0, 4294967295}, "decides every random number")),
      threads_(options.integer("threads", available_cores(), {1, 1024}, "changes the speed, not the result")),
      cell_((options.group("Network"), options.choice("cell", "rnn", cell_names(), "kind of recurrent cell"))),
      hidden_(options.integer("hidden", 100, {1, 100000}, "recurrent neurons")),
      activation_(options.choice("activation", "tanh", {"tanh", "relu"}, "activation function of the basic cell")),
      pixels_(options.flag("pixels", "read an image pixel by pixel instead of row by row")),
      shrink_(options.integer("shrink", 1, {1, 1000}, "before that, make each N × N pixels one, their mean")),
      keep_(options.real("keep-prob", 1, {0, 1, true}, "dropout: keep an input with this probability", "P")),
      dropout_in_evaluation_(
          options.flag("dropout-in-evaluation", "drop inputs when accuracy is measured too, as the notebook did")),
      folder_((options.group("Files"),
               options.text("data", "", "MNIST's folder, or \"digits\" for the built-in digits", "DIR"))),
      add_digits_(options.flag("add-digits", "train on the 60,000 built-in training digits as well")),
      validation_(options.integer("validation-size", 5000, {0, 1000000}, "training images set aside for validation")),
      session(options,
              {{"seed"},
               {"batch"},
               {"learning-rate"},
               {"clip", "0"},
               {"no-shuffle"},
               {"cell", "rnn"},
               {"hidden"},
               {"activation"},
               {"pixels", "false"},
               {"shrink", "1"},
               {"keep-prob"},
               {"dropout-in-evaluation"},
               {"validation-size"},
               {"add-digits", "false"}},
              "try a smaller --learning-rate, --clip, or --activation tanh"),
      replay_(options.replay()) {
  session.take_options_from_weights(values_of_weights);
}

unsigned TrainingOptions::threads() const { return static_cast<unsigned>(*threads_); }

std::string TrainingOptions::data_folder() const {
  return *folder_ == "digits" ? "" : find_data_folder(*folder_).string();
}

void TrainingOptions::require_validation_of(Index images) const {
  if (*validation_ < images) return;
  throw std::invalid_argument(
      fmt::format("--validation-size: expected less than the {} training images, got {}", images, *validation_));
}

Splits TrainingOptions::read_mnist() const {
  Splits data = load_mnist(data_folder(), 0);
  Index validation = *validation_;
  if (validation >= data.train.size()) {
    if (validation_.given()) require_validation_of(data.train.size());
    validation = data.train.size() / 12;  // as 5,000 are of 60,000
    if (!session.quiet()) {
      std::cerr << fmt::format("only {} training images: {} of them are set aside for validation\n", data.train.size(),
                               validation);
    }
  }
  data.validation = take_first(data.train, validation);
  return data;
}

void TrainingOptions::add_digits(Splits& data) const {
  const Images& images = data.train.images;
  if (*folder_ == "digits") throw std::invalid_argument("--add-digits: cannot be given with --data digits");
  if (images.rows != 28 || images.columns != 28) {
    throw std::invalid_argument(
        fmt::format("--add-digits: expected data of 28 x 28 pixels, found {} x {}", images.rows, images.columns));
  }
  add_training_digits(data.train, static_cast<std::uint32_t>(*seed_));
  data.source += " and built-in digits";
}

Splits TrainingOptions::data() const {
  if (*folder_ == "digits") require_validation_of(training_digits);
  Splits data;
  const auto load = [&] {
    data = *folder_ == "digits" ? draw_splits(static_cast<std::uint32_t>(*seed_), *validation_) : read_mnist();
    if (*add_digits_) add_digits(data);
  };
  load_once(load, data);
  if (batch_.given() && *batch_ > data.train.size()) {
    throw std::invalid_argument(
        fmt::format("--batch: expected at most the {} training images, got {}", data.train.size(), *batch_));
  }
  for (const std::filesystem::path& file : data.files) options_.reads(file);
  if (!session.quiet()) {
    for (const std::string& note : data.notes) std::cerr << note << '\n';
    std::cerr << fmt::format("{}: {} training images, {} test images\n", data.source, data.train.size(),
                             data.test.size());
    if (batch(data) < *batch_) std::cerr << fmt::format("batches of {} images: there are no more\n", batch(data));
  }
  return data;
}

Index TrainingOptions::batch(const Splits& data) const { return std::min(*batch_, data.train.size()); }

Classifier TrainingOptions::network(const Splits& data) const {
  if (*activation_ != "tanh" && *cell_ != "rnn") {
    throw std::invalid_argument(fmt::format("--activation: the {} supports only tanh", *cell_));
  }
  const Images& images = data.train.images;
  const ImageSteps steps{*pixels_, *shrink_};
  if (!can_be_cut(images, steps)) {
    throw std::invalid_argument(
        fmt::format("--shrink: expected a divisor of the images' {} rows and {} columns, got {}", images.rows,
                    images.columns, *shrink_));
  }
  Classifier network({.inputs = sequence_size(images, steps).features,
                      .hidden = *hidden_,
                      .activation = *activation_ == "relu" ? Activation::relu : Activation::tanh,
                      .cell = *cell_,
                      .steps = steps});
  if (session.init().empty()) {
    Engine engine = seeded(combine_seeds({*seed_}));
    network.initialize(engine);
    return network;
  }
  Classifier saved = to_classifier(session.init_weights(), session.init());
  const ClassifierShape &found = saved.shape(), &wanted = network.shape();
  if (found.inputs == wanted.inputs && found.classes == wanted.classes) return saved;
  throw FileError(session.init(), fmt::format("expected {} inputs and {} classes, found {} and {}", wanted.inputs,
                                              wanted.classes, found.inputs, found.classes));
}

TrainerOptions TrainingOptions::trainer() const {
  return {.adam = {.learning_rate = static_cast<Real>(*learning_rate_)},
          .max_norm = *clip_ > 0 ? static_cast<Real>(*clip_) : std::numeric_limits<Real>::infinity(),
          .threads = threads()};
}

ClassificationOptions TrainingOptions::classification(const Splits& data) const {
  return {.batch = batch(data),
          .keep = static_cast<Real>(*keep_),
          .dropout_in_evaluation = *dropout_in_evaluation_,
          .shuffle = !*no_shuffle_,
          .seed = static_cast<std::uint32_t>(*seed_)};
}

/// The network's graph for one image.
static Graph graph_of_network(const Classifier& network, const Images& images) {
  Tape tape(Tape::Mode::evaluate);
  const Sequence x(sequence_size(images, network.shape().steps).steps, 1, network.shape().inputs);
  network.logits({tape.constant(x, "images")});
  return graph_of(tape);
}

SessionPlan TrainingOptions::plan(Trainer& trainer, const Classifier& network, const Classification& task,
                                  const Splits& data) const {
  return {.trainer = trainer,
          .epochs = epochs(),
          .steps = task.steps(),
          .batch = batch(data),
          .graph = graph_of_network(network, data.train.images),
          .metadata = metadata_of(network),
          .training_data = fingerprint(data.train),
          .test_data = fingerprint(data.test),
          .data_folder = data_folder()};
}

std::string accuracy_text(double accuracy) {
  const std::string text = fmt::format("{}", static_cast<float>(accuracy));
  return text.find('.') == std::string::npos ? text + ".0" : text;
}

}  // namespace mnist
