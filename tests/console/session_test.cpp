#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "../support/chapter.hpp"
#include "../support/matrices.hpp"

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.console.options;
import rnn.console.session;
import rnn.linalg.matrix;
import rnn.network.parameters;
import rnn.training.shards;
import rnn.training.trainer;

using namespace rnn;
using rnn::testing::Folder;
using rnn::testing::same_bits;

namespace {

constexpr Index steps = 5, epochs = 3, batch = 4;

Parameters one_number() {
  Parameters parameters;
  parameters.add("w", 1, 1);
  return parameters;
}

/// A program whose training is a number that goes to 3: loss = (w − 3)², in a session of its own.
struct Program {
  explicit Program(const std::vector<std::string>& arguments) {
    options.parse(arguments);
    session.begin({.trainer = trainer, .epochs = epochs, .steps = steps, .batch = batch, .training_data = "3"});
  }

  double step() {
    const Matrix minus_three(1, 1, Real(-3));
    return trainer.step(batch, [&](Tape& tape, const Shard& shard, View gradients) {
      const Var error = add(parameters.on(tape, 0, gradients), tape.constant(minus_three));
      return scale(multiply(error, error), Real(shard.count) / batch);
    });
  }

  /// Trains until `last` steps of the epoch `last_epoch` are done, and is then interrupted; or to the end. What the
  /// session says the mean loss is after each step, beside the mean of the losses of the epoch's steps so far.
  int run(Index last_epoch, Index last) {
    for (Index epoch = session.epoch(); epoch < epochs; ++epoch) {
      for (Index i = session.step(epoch); i < steps; ++i) {
        if (epoch == last_epoch && i + 1 == last) ::raise(SIGTERM);
        const double loss = step();
        losses.push_back(loss);
        const bool goes_on = session.after_step(epoch, i, loss);
        means.push_back(session.mean_loss());
        if (!goes_on) return session.leave();
      }
      if (!session.after_epoch(epoch, 0.5, 0.5)) return session.leave();
    }
    return session.finish();
  }

  Options options{"program", "Finds 3."};
  Option<std::string> data = options.text("data", "", "", "DIR");
  Option<std::size_t> total = options.integer("epochs", epochs, {1, 100}, "");
  Session session{options, {}, "try less"};
  Parameters parameters = one_number();
  Trainer trainer{parameters, {.adam = {.learning_rate = Real(0.1)}}};
  std::vector<double> losses, means;
};

}  // namespace

// Wherever it is interrupted: in the first epoch or a later one, after its first step or its last one.
BOOST_AUTO_TEST_CASE(the_mean_loss_is_that_of_the_steps_so_far_also_when_the_run_was_interrupted) {
  const Folder folder;
  Program whole({"--quiet", "--checkpoint", folder / "whole"});
  BOOST_TEST(whole.run(epochs, 0) == 0);
  BOOST_TEST_REQUIRE(whole.losses.size() == steps * epochs);
  for (Index i = 0; i < whole.losses.size(); ++i) {
    double sum = 0;
    for (Index k = i - i % steps; k <= i; ++k) sum += whole.losses[k];
    BOOST_TEST(whole.means[i] == sum / double(i % steps + 1));
  }
  BOOST_TEST(whole.losses.back() < whole.losses.front() / 2);

  for (Index epoch = 0; epoch < epochs; ++epoch) {
    for (Index last = 1; last <= steps; ++last) {
      const std::string file = folder / "c";
      Index done = 0;
      {
        Program stopped({"--quiet", "--checkpoint", file});
        BOOST_TEST(stopped.run(epoch, last) == 128 + SIGTERM);
        done = stopped.losses.size();
        BOOST_TEST(done == epoch * steps + last);
        BOOST_TEST(stopped.means.back() == whole.means[done - 1]);
      }
      Program resumed({"--quiet", "--resume", file});
      BOOST_TEST(resumed.run(epochs, 0) == 0);
      BOOST_TEST(resumed.means == std::vector(whole.means.begin() + std::ptrdiff_t(done), whole.means.end()),
                 boost::test_tools::per_element());
      BOOST_TEST(same_bits(resumed.parameters.flat(), whole.parameters.flat()));
      BOOST_TEST((folder.read("c") == folder.read("whole")), "stopped after " << done << " steps");
    }
  }
}
