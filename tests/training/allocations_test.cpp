#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <type_traits>

#include "../support/allocations.hpp"

import rnn.autodiff.tape;
import rnn.data.digits;
import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.initializers;
import rnn.training.trainer;

using namespace rnn;
using rnn::testing::allocated_bytes;
using rnn::testing::allocations;

// What training and evaluation ask the system for: memory for one tile of the first batch, and then nothing any more.

struct Learner {
  Learner(Index batch, unsigned threads, Real keep = 1)
      : trainer(network, {.batch = batch, .keep = keep, .threads = threads}) {
    Engine engine(1);
    network.initialize(engine);
  }
  Classifier network{{.hidden = 10}};
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

// To seed the shuffle of an epoch Boost's seed_seq holds two numbers in a vector: the one allocation that is left.
constexpr std::size_t one_for_the_shuffle = 1;

BOOST_AUTO_TEST_CASE(after_the_first_batch_training_allocates_nothing) {
  const Dataset digits = draw_digits(150, 1, 0, 1);
  for (const Real keep : {1.0f, 0.5f}) {
    Learner learner(50, 1, keep);
    std::size_t after_first = 0;
    learner.trainer.train_epoch(digits, 0, [&](Index step, double) {
      if (step == 1) after_first = allocations;
      return true;
    });
    const std::size_t later = allocations - after_first;
    BOOST_TEST(later == 0u);
    BOOST_TEST(allocations_of([&] { learner.trainer.train_epoch(digits, 1); }) <= one_for_the_shuffle);
  }
}

BOOST_AUTO_TEST_CASE(after_the_first_time_evaluation_allocates_nothing) {
  const Dataset digits = draw_digits(150, 1, 0, 1);
  Learner learner(50, 1);
  learner.trainer.accuracy(digits);
  BOOST_TEST(allocations_of([&] { learner.trainer.accuracy(digits); }) == 0u);
}

// Which thread takes which tile is a matter of luck, so a thread may see its first one late.
BOOST_AUTO_TEST_CASE(nor_do_two_threads_once_each_has_had_a_tile) {
  const Dataset digits = draw_digits(150, 1, 0, 1);
  Learner learner(50, 2);
  bool quiet = false;
  for (Index epoch = 0; epoch < 20 && !quiet; ++epoch) {
    quiet = allocations_of([&] { learner.trainer.train_epoch(digits, epoch); }) <= one_for_the_shuffle;
  }
  BOOST_TEST(quiet);
}

BOOST_AUTO_TEST_CASE(images_stay_bytes_but_for_the_tile_at_hand) {
  static_assert(std::is_same_v<decltype(Images::pixels)::value_type, std::uint8_t>);
  const Dataset digits = draw_digits(3000, 1, 0, 1);
  Learner learner(50, 1);
  const std::size_t before = allocated_bytes;
  learner.trainer.train_epoch(digits, 0);
  learner.trainer.accuracy(digits);
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
