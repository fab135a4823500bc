// Chapter 6: a recurrent network learns to read handwritten digits.
//
// An image of 28 × 28 pixels is a sequence of 28 time steps, a row of pixels at each. The network sees one row after
// the other, and what it remembers after the last decides which digit it was:
//
//   h_t    = tanh(x_t·W_x + h_(t−1)·W_y + b)      t = 1 … 28, h_0 = 0        (batch × 28)·(28 × 100) → batch × 100
//   logits = h_28·W_out + b_out                                              (batch × 100)·(100 × 10) → batch × 10
//   loss   = mean of −log softmax(logits)[label]
//
// The gradient of the loss goes back through all 28 steps, and Adam changes the weights a little.

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>

#include "replay.hpp"
#include "words.hpp"

import rnn.base.random;
import rnn.base.thread_pool;
import rnn.console.options;
import rnn.console.progress;
import rnn.console.session;
import rnn.console.training_log;
import rnn.data.digits;
import rnn.data.images;
import rnn.formats.mnist;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.initializers;
import rnn.training.trainer;

using namespace rnn;

// An accuracy as the notebook prints it: the fewest digits that name this float.
static std::string accuracy_text(double accuracy) {
  const std::string text = fmt::format("{}", static_cast<float>(accuracy));
  return text.find('.') == std::string::npos ? text + ".0" : text;
}

int main(int argc, char** argv) {
  Options options("06_mnist",
                  "Trains a recurrent network to read handwritten digits: an image is a sequence of its rows.\n"
                  "Prints a line after each epoch: accuracy on the training and on the test images, the mean loss of\n"
                  "the epoch's batches, and the seconds that its training took.");
  options.word("train", "what this page is about; the word may be left out");
  options.word("evaluate", "accuracy and loss of saved weights on the test images", evaluate);
  options.word("predict", "what saved weights read in pictures of yours", predict);
  options.word("show", "what they confuse, and what they remember while they read", show);
  options.group("Training");
  const auto epochs = options.integer("epochs", 100, {1, 1000000}, "passes over the training images");
  const auto batch = options.integer("batch", 1000, {1, 1000000}, "images in a step of the optimizer");
  const auto learning_rate = options.real("learning-rate", 0.001, {0, 1000, true}, "of Adam");
  const auto no_shuffle = options.flag("no-shuffle", "the images in the same order in every epoch");
  const auto seed = options.integer("seed", 1, {0, 4294967295}, "decides every random number");
  const auto threads = options.integer("threads", available_cores(), {1, 1024}, "changes the speed, not the result");
  options.group("Network");
  const auto hidden = options.integer("hidden", 100, {1, 100000}, "recurrent neurons");
  const auto activation = options.choice("activation", "tanh", {"tanh", "relu"}, "of the recurrent neurons");
  const auto keep = options.real("keep-prob", 1, {0, 1, true}, "dropout: keep an input with this probability", "P");
  const auto dropout_in_evaluation =
      options.flag("dropout-in-evaluation", "drop inputs when accuracy is measured too, as the notebook did");
  options.group("Files");
  const auto folder = options.text("data", "", "MNIST's folder, or \"digits\" for the built-in ones", "DIR");
  const auto validation = options.integer("validation-size", 5000, {0, 1000000}, "training images set apart");
  RunFiles files(options, {"seed", "batch", "learning-rate", "no-shuffle", "hidden", "activation", "keep-prob",
                           "dropout-in-evaluation", "validation-size"});
  const auto logdir = options.text("logdir", "", "write TensorBoard's files into this folder", "DIR");
  const auto csv = options.output_file("csv", "FILE", "write a table with a line for each step");
  const auto plot = options.output_file("plot", "FILE.svg", "draw the curves of loss and accuracy");
  const auto quiet = options.flag("quiet", "say nothing on standard error but what went wrong");
  const auto [recorded, json] = options.replay();
  options.example("--epochs 5 --data digits", "five epochs on digits that the program draws itself");
  options.example("--checkpoint run.safetensors", "may be stopped, and goes on with --resume run.safetensors");
  options.example("--keep-prob 0.5 --dropout-in-evaluation", "the notebook's own run");

  return options.run(argc, argv, [&] {
    const auto thread_count = static_cast<unsigned>(*threads);
    if (recorded.given()) return replay(*recorded, *json, thread_count);

    files.adopt_options();

    // The data: what to learn from, and what to be judged by.
    const auto seed_number = static_cast<std::uint32_t>(*seed);
    const Splits data = *folder == "digits" ? draw_splits(seed_number, *validation)
                                            : load_mnist(find_data_folder(*folder), *validation);
    if (!*quiet) {
      for (const std::string& note : data.notes) std::cerr << note << '\n';
      std::cerr << fmt::format("{}: {} images to learn from, {} to test\n", data.source, data.train.size(),
                               data.test.size());
    }

    // The network, with random weights.
    Classifier network({.inputs = data.train.images.columns,
                        .hidden = *hidden,
                        .activation = *activation == "relu" ? Activation::relu : Activation::tanh});
    Engine engine = seeded(combine_seeds({seed_number}));
    network.initialize(engine);

    // Epoch after epoch, every image once. A run may be stopped and go on from its checkpoint.
    Trainer trainer(network, {.batch = *batch,
                              .adam = {.learning_rate = static_cast<Real>(*learning_rate)},
                              .keep = static_cast<Real>(*keep),
                              .dropout_in_evaluation = *dropout_in_evaluation,
                              .shuffle = !*no_shuffle,
                              .seed = seed_number,
                              .threads = thread_count});
    Position at = files.begin(network, trainer, data.train);
    TrainingLog log({.logdir = *logdir, .csv = *csv, .plot = *plot}, network, data.train.images.rows);
    Progress progress(*quiet, *epochs, trainer.steps(data.train), *batch);
    while (at.epoch < *epochs) {
      const auto start = std::chrono::steady_clock::now();
      const double loss = trainer.train_epoch(data.train, at, [&](Index step, double batch_loss) {
        progress.update(at.epoch, step, batch_loss);
        log.step(at.epoch, at.epoch * trainer.steps(data.train) + step, batch_loss);
        return files.after_step(at);
      });
      progress.clear();
      if (files.interrupted()) return files.leave(at);
      const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
      const double train_accuracy = trainer.accuracy(data.train, at.epoch),
                   test_accuracy = trainer.accuracy(data.test, at.epoch);
      std::cout << fmt::format("{} train_accuracy: {} test_accuracy: {} loss: {:.4f} seconds: {:.2f}\n", at.epoch,
                               accuracy_text(train_accuracy), accuracy_text(test_accuracy), loss, elapsed.count())
                << std::flush;
      log.epoch({at.epoch, loss, train_accuracy, test_accuracy}, trainer.gradients());
      if (!files.after_epoch(at) && at.epoch < *epochs) return files.leave(at);
    }
    files.finish(at);
    return 0;
  });
}
