// Chapter 06: a recurrent network learns to read handwritten digits.
//
// An image of 28 × 28 pixels is a sequence of 28 time steps, a row of pixels at each. The network sees one row after
// another, and what it remembers after the last decides which digit it was:
//
//   h_t    = tanh(x_t·W_x + h_(t−1)·W_y + b)      t = 1 … 28, h_0 = 0        (batch × 28)·(28 × 100) → batch × 100
//   logits = h_28·W_out + b_out                                              (batch × 100)·(100 × 10) → batch × 10
//   loss   = mean of −log softmax(logits)[label]
//
// The gradient of the loss goes back through all 28 steps, and Adam changes the weights a little. Then comes the next
// batch; when all images have been seen, an epoch is over.
#include <fmt/format.h>

import mnist.commands;
import mnist.options;
import mnist.replay;
import rnn.autodiff.tape;
import rnn.console.options;
import rnn.console.session;
import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.training.classification;
import rnn.training.shards;
import rnn.training.trainer;

using namespace rnn;

int main(int argc, char** argv) {
  Options options(
      "06_mnist",
      "Trains a recurrent network to read handwritten digits: an image is a sequence of its rows, or, with\n"
      "--pixels, of its pixels. Prints a line after each epoch: accuracy on the training and on the test\n"
      "images, the mean loss of the epoch's batches, and the seconds that its training took.");
  options.word("train", "train a network: the command of this page, which may be left out");
  options.word("evaluate", "accuracy and loss of saved weights on the test images", mnist::evaluate);
  options.word("predict", "what saved weights read in your own pictures", mnist::predict);
  options.word("show", "what they confuse, and what they remember while they read", mnist::show);
  options.word("import", "weights of PyTorch's become ours", mnist::import_weights);
  options.word("export", "ours become PyTorch's", mnist::export_weights);
  mnist::TrainingOptions chosen(options);
  options.works_on_many_machines();
  options.example("--epochs 5 --data digits", "five epochs on digits that the program draws itself");
  options.example("--checkpoint run.safetensors", "may be stopped, and goes on with --resume run.safetensors");
  options.example("--keep-prob 0.5 --dropout-in-evaluation", "the notebook's own run");
  options.example("--cell gru --pixels --shrink 2 --batch 100 --clip 1",
                  "images of 14 × 14, pixel by pixel: 196 steps");

  return options.run(argc, argv, [&] {
    if (!chosen.replay().empty()) return mnist::replay(chosen.replay(), chosen.json(), chosen.threads());

    // What to learn from and be judged by; the network; the task, which cuts the images into batches; the optimizer.
    const Splits data = chosen.data();
    Classifier network = chosen.network(data);
    const Classification task(network, data.train, chosen.classification(data));
    Trainer trainer(network.parameters, chosen.trainer());

    // A run may be stopped and resumed: the session knows where it was.
    Session& session = chosen.session;
    session.begin(chosen.plan(trainer, network, task, data));

    for (Index epoch = session.epoch(); epoch < chosen.epochs(); ++epoch) {
      const auto order = task.order(epoch);  // a new order of the images for each epoch
      for (Index step = session.step(epoch); step < task.steps(); ++step) {
        const auto batch = task.batch(order, step);
        const auto seed = task.dropout_seed(epoch, step);

        // Forward and backward through each shard of the batch; then the gradients' sum moves the weights.
        const double loss = trainer.step(batch.size(), [&](Tape& tape, const Shard& shard, View gradients) {
          return task.loss(tape, batch, shard, seed, gradients);
        });
        if (!session.after_step(epoch, step, loss)) return session.leave();
      }
      const double seconds = session.seconds();
      const double train_accuracy = task.accuracy(data.train, trainer.shards(), epoch);
      const double test_accuracy = task.accuracy(data.test, trainer.shards(), epoch);
      session.print(fmt::format("{} train_accuracy: {} test_accuracy: {} loss: {:.4f} seconds: {:.2f}", epoch,
                                mnist::accuracy_text(train_accuracy), mnist::accuracy_text(test_accuracy),
                                session.mean_loss(), seconds));
      if (!session.after_epoch(epoch, train_accuracy, test_accuracy)) return session.leave();
    }
    return session.finish();
  });
}
