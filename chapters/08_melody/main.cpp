// Chapter 08: the next note of a melody, predicted, picked by chance, and played.
//
// A melody is a sequence of events, each a pitch (or a rest) and a duration. After each event the network says how
// likely every next one is:
//
//   x_t = [pitch of event t − 1 | its duration | place in the bar where event t begins]   each an embedding
//   h_t = cell(x_t, h_(t−1))
//   P(event t) = softmax(h_t·W_pitch + b_pitch)[pitch] · softmax([h_t | pitch]·W_duration + b_duration)[duration]
//   loss = mean of −ln P(event t), over every step of every tune of the batch
//
// A tune has hundreds of events. It is read in segments: the state goes on from one to the next, the gradient does not.
#include <fmt/format.h>

#include <cmath>
#include <numbers>

import melody.commands;
import melody.options;
import melody.report;
import rnn.autodiff.tape;
import rnn.console.options;
import rnn.console.session;
import rnn.linalg.matrix;
import rnn.network.melody_network;
import rnn.network.parameters;
import rnn.training.next_event;
import rnn.training.shards;
import rnn.training.trainer;

using namespace rnn;

int main(int argc, char** argv) {
  Options options(
      "08_melody",
      "Trains a recurrent network to predict the next note of a melody. Prints a line after each epoch: how\n"
      "many bits an event of the training tunes and of the validation tunes costs, and the seconds that the\n"
      "epoch took; at the end, how the network does on test tunes, beside models that only count.");
  options.word("train", "train a network: the command of this page, which may be left out");
  options.word("evaluate", "how surprising test tunes are to saved weights, and to models that count",
               melody::evaluate);
  options.word("generate", "a new tune, note by note", melody::generate);
  options.word("next", "a new tune of which you pick the notes", melody::next);
  options.word("look", "what predictions depend on, and which neurons count", melody::look);
  melody::TrainingOptions chosen(options);
  options.works_on_many_machines();
  options.example("--data composed --save weights.safetensors", "learns from tunes that the program composes");
  options.example("--checkpoint run.safetensors", "may be stopped, and goes on with --resume run.safetensors");

  return options.run(argc, argv, [&] {
    // What to learn from; the network; the task, which cuts the tunes into batches and segments; the optimizer.
    const auto data = chosen.data();
    MelodyNetwork network = chosen.network(data.encoded);
    const NextEvent task(network, data.encoded.train, chosen.next_event());
    Trainer trainer(network.parameters, chosen.trainer());
    Parameters best = network.parameters;  // those that do best on the validation tunes

    // A run may be stopped and resumed: the session knows where it was.
    Session& session = chosen.session;
    session.begin(chosen.plan(trainer, network, best, task, data));

    for (Index epoch = session.epoch(); epoch < chosen.epochs(); ++epoch) {
      if (chosen.stops(session.test_results())) break;
      const auto order = task.order(epoch);  // of the tunes, another in each epoch
      for (Index step = session.step(epoch); step < task.steps(); ++step) {
        TuneBatch batch = task.batch(order, epoch, step);
        double sum = 0;
        for (Index segment = 0; segment < batch.segments(); ++segment) {
          // Forward and backward through a segment. The tunes' states stay in the batch, for the next segment.
          const auto loss_of_shard = [&](Tape& tape, const Shard& shard, View gradients) {
            return task.loss(tape, batch, segment, shard, gradients);
          };
          const double loss = trainer.step(batch.tunes(segment), loss_of_shard, batch.carries_after(segment));
          sum += loss * double(batch.events(segment));
        }
        if (!session.after_step(epoch, step, sum / double(batch.events()))) return session.leave();
      }
      const double seconds = session.seconds();
      const double train_bits = session.mean_loss() / std::numbers::ln2;
      const double bits = surprise_of(network, data.encoded.validation, trainer.shards()).bits_of_event();
      if (melody::is_best(session.test_results(), bits)) copy(network.parameters.flat(), best.flat());
      session.print(fmt::format("{} train_bits: {:.4f} validation_bits: {:.4f} seconds: {:.2f}", epoch, train_bits,
                                bits, seconds));
      if (!session.after_epoch(epoch, train_bits, bits)) return session.leave();
    }

    // The judgment: tunes that nothing so far has depended on, and the weights that did best on others.
    MelodyNetwork judged(network.shape());
    copy(best.flat(), judged.parameters.flat());
    session.print(melody::report(judged, data.encoded, data.tunes.entropy, trainer.shards()).table());
    return session.finish();
  });
}
