#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "../support/allocations.hpp"

import rnn.autodiff.tape;
import rnn.data.digits;
import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.initializers;
import rnn.training.classification;
import rnn.training.shards;
import rnn.training.trainer;

using namespace rnn;
using rnn::testing::allocated_bytes;
using rnn::testing::allocations;

// What training and evaluation ask the system for: memory for one tile of the first batch, and then nothing any more.

struct Learner {
  Learner(const Dataset& data, unsigned threads, Real keep = 1, const char* cell = "rnn", ImageSteps steps = {})
      : network({.inputs = steps.pixels ? 1u : 28u, .hidden = 10, .cell = cell, .steps = steps}),
        task(network, data, {.batch = 50, .keep = keep}),
        trainer(network.parameters, {.threads = threads}) {
    Engine engine(1);
    network.initialize(engine);
  }
  double train_epoch(Index epoch) { return task.train_epoch(trainer, epoch); }

  Classifier network;
  Classification task;
  Trainer trainer;
};

template <class F>
static std::size_t allocations_of(F work) {
  const std::size_t before = allocations;
  work();
  return allocations - before;
}

BOOST_AUTO_TEST_CASE(an_allocation_is_noticed_where_they_are_counted) {
  const std::size_t counted = allocations_of([] { BOOST_TEST(Matrix(10, 10).size1() == 10u); });
  BOOST_TEST((counted > 0) == rnn::testing::counts_allocations);
}

// The order of an epoch is a vector, and to seed its shuffle Boost's seed_seq holds two numbers in another.
constexpr std::size_t of_an_epoch = 2;

BOOST_AUTO_TEST_CASE(after_the_first_batch_training_allocates_nothing) {
  const Dataset digits = draw_digits(150, 1, 0, 1);
  for (const char* cell : {"rnn", "gru", "lstm"}) {
    for (const auto& [keep, steps] : std::vector<std::pair<Real, ImageSteps>>{
             {1, {}}, {Real(0.5), {}}, {Real(0.5), {.pixels = true, .shrink = 2}}}) {
      Learner learner(digits, 1, keep, cell, steps);
      const auto order = learner.task.order(0);
      const auto step = [&](Index number) {
        const auto batch = learner.task.batch(order, number);
        learner.trainer.step(batch.size(), [&](Tape& tape, const Shard& shard, View gradients) {
          return learner.task.loss(tape, batch, shard, learner.task.dropout_seed(0, number), gradients);
        });
      };
      step(0);
      BOOST_TEST(allocations_of([&] { step(1); }) == 0u, cell);
      BOOST_TEST(allocations_of([&] { step(2); }) == 0u, cell);
      BOOST_TEST(allocations_of([&] { learner.train_epoch(1); }) <= of_an_epoch);
    }
  }
}

BOOST_AUTO_TEST_CASE(after_the_first_time_evaluation_allocates_nothing) {
  const Dataset digits = draw_digits(150, 1, 0, 1);
  Learner learner(digits, 1);
  learner.task.accuracy(digits, learner.trainer.shards());
  BOOST_TEST(allocations_of([&] { learner.task.accuracy(digits, learner.trainer.shards()); }) == 0u);
}

// Which thread takes which tile is a matter of luck, so a thread may see its first one late.
BOOST_AUTO_TEST_CASE(nor_do_two_threads_once_each_has_had_a_tile) {
  const Dataset digits = draw_digits(150, 1, 0, 1);
  Learner learner(digits, 2);
  bool quiet = false;
  for (Index epoch = 0; epoch < 20 && !quiet; ++epoch) {
    quiet = allocations_of([&] { learner.train_epoch(epoch); }) <= of_an_epoch;
  }
  BOOST_TEST(quiet);
}

BOOST_AUTO_TEST_CASE(images_stay_bytes_but_for_the_tile_at_hand) {
  static_assert(std::is_same_v<decltype(Images::pixels)::value_type, std::uint8_t>);
  const Dataset digits = draw_digits(3000, 1, 0, 1);
  Learner learner(digits, 1);
  const std::size_t before = allocated_bytes;
  learner.train_epoch(0);
  learner.task.accuracy(digits, learner.trainer.shards());
  const std::size_t allocated = allocated_bytes - before;
  BOOST_TEST(allocated < digits.images.pixels.size());  // as numbers they would take four times that
}

BOOST_AUTO_TEST_CASE(what_evaluation_keeps_does_not_grow_with_the_steps) {
  Classifier network{{.hidden = 10}};
  Index kept_of_ten = 0;
  for (const Index steps : {10, 100, 1000}) {
    const Sequence x(steps, 7, 28);
    Tape tape(Tape::Mode::evaluate);
    network.logits({tape.constant(x)});
    if (steps == 10) kept_of_ten = tape.bytes_kept();
    BOOST_TEST(tape.bytes_kept() == kept_of_ten);
  }
  BOOST_TEST(kept_of_ten > 0u);
}
