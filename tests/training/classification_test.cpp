#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

import rnn.autodiff.tape;
import rnn.data.digits;
import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.initializers;
import rnn.training.classification;
import rnn.training.data_parallel;
import rnn.training.shards;
import rnn.training.trainer;

using namespace rnn;

namespace {

const Dataset& digits() {
  static const Dataset data = draw_digits(500, 1);
  return data;
}

Classifier some_network() {
  Classifier network({.hidden = 12});
  Engine engine(5);
  network.initialize(engine);
  return network;
}

/// The loss of the first ten images, as a shard of this number and with this seed of dropout.
double loss_of_ten(const Classification& task, Index shard, std::uint64_t seed) {
  const std::vector<std::uint32_t> batch{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  Tape tape(Tape::Mode::evaluate);
  return task.loss(tape, batch, {shard, 0, 10}, seed, {}).value()(0, 0);
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_step_of_each_epoch_of_each_seed_has_dropout_of_its_own) {
  const Classifier network = some_network();
  std::set<std::uint64_t> seeds;
  std::set<double> losses;
  for (const std::uint32_t seed : {1u, 2u}) {
    const Classification task(network, digits(), {.batch = 100, .keep = Real(0.5), .seed = seed});
    for (Index epoch = 0; epoch < 3; ++epoch) {
      for (Index step = 0; step < 5; ++step) {
        seeds.insert(task.dropout_seed(epoch, step));
        losses.insert(loss_of_ten(task, 0, task.dropout_seed(epoch, step)));
      }
    }
  }
  BOOST_TEST(seeds.size() == 2u * 3 * 5);
  BOOST_TEST(losses.size() == 2u * 3 * 5);
}

BOOST_AUTO_TEST_CASE(each_shard_of_a_batch_has_dropout_of_its_own) {
  const Classifier network = some_network();
  const Classification with(network, digits(), {.batch = 100, .keep = Real(0.5)});
  const Classification without(network, digits(), {.batch = 100});
  std::set<double> losses;
  for (Index shard = 0; shard < 8; ++shard) {
    losses.insert(loss_of_ten(with, shard, 3));
    BOOST_TEST(loss_of_ten(without, shard, 3) == loss_of_ten(without, 0, 3));
  }
  BOOST_TEST(losses.size() == 8u);
}

BOOST_AUTO_TEST_CASE(dropout_in_evaluation_differs_from_epoch_to_epoch_and_is_none_unless_asked_for) {
  const Classifier network = some_network();
  const Classification training(network, digits(), {.batch = 50, .keep = Real(0.3)});
  const Classification both(network, digits(), {.batch = 50, .keep = Real(0.3), .dropout_in_evaluation = true});
  DataParallel shards(1);
  std::set<double> with, without;
  for (Index epoch = 0; epoch < 8; ++epoch) {
    with.insert(both.accuracy(digits(), shards, epoch));
    without.insert(training.accuracy(digits(), shards, epoch));
    BOOST_TEST(both.accuracy(digits(), shards, epoch) == both.accuracy(digits(), shards, epoch));
  }
  BOOST_TEST(with.size() > 2u);
  BOOST_TEST(without.size() == 1u);
}

BOOST_AUTO_TEST_CASE(every_shard_that_is_evaluated_has_dropout_of_its_own) {
  // Four shards of the same ten images: with one mask for all, each number of right ones is a multiple of four.
  Dataset four = digits();
  four.images.count = 40;
  four.images.pixels.resize(40 * 28 * 28);
  four.labels.resize(40);
  for (Index i = 10; i < 40; ++i) {
    std::ranges::copy(pixels_of(digits().images, i % 10), four.images.pixels.begin() + std::ptrdiff_t(i) * 28 * 28);
    four.labels[i] = four.labels[i % 10];
  }
  const Classifier network = some_network();
  const Classification task(network, digits(), {.batch = 50, .keep = Real(0.3), .dropout_in_evaluation = true});
  DataParallel shards(1);
  BOOST_TEST_REQUIRE(shard_count(40) == 4u);
  Index uneven = 0;
  for (Index epoch = 0; epoch < 20; ++epoch) uneven += Index(40 * task.accuracy(four, shards, epoch) + 0.5) % 4 != 0;
  BOOST_TEST(uneven > 5u);
}

BOOST_AUTO_TEST_CASE(an_epoch_of_training_is_its_steps_and_returns_the_mean_of_their_losses) {
  Classifier network = some_network(), again = some_network();
  const Classification task(network, digits(), {.batch = 150, .keep = Real(0.8)});
  const Classification by_hand(again, digits(), {.batch = 150, .keep = Real(0.8)});
  Trainer trainer(network.parameters, {}), stepping(again.parameters, {});
  BOOST_TEST(task.steps() == 3u);
  for (Index epoch = 0; epoch < 2; ++epoch) {
    const auto order = by_hand.order(epoch);
    double sum = 0;
    for (Index step = 0; step < 3; ++step) {
      const std::span<const std::uint32_t> batch = std::span(order).subspan(150 * step, 150);
      sum += stepping.step(150, [&](Tape& tape, const Shard& shard, View gradients) {
        return by_hand.loss(tape, batch, shard, by_hand.dropout_seed(epoch, step), gradients);
      });
    }
    BOOST_TEST(task.train_epoch(trainer, epoch) == sum / 3);
  }
  BOOST_TEST(std::equal(network.parameters.flat().data, network.parameters.flat().data + network.parameters.count(),
                        again.parameters.flat().data));
}

BOOST_AUTO_TEST_CASE(a_batch_has_an_example_at_least_and_no_more_than_there_are) {
  const Classifier network = some_network();
  const auto error = [&](Index batch) -> std::string {
    try {
      const Classification task(network, digits(), {.batch = batch});
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "no error";
  };
  BOOST_TEST(error(0) == "Classification: a batch must have at least one example");
  BOOST_TEST(error(501) == "Classification: a batch of 501 is more than the 500 examples there are");
  for (const Index batch : {1, 500}) BOOST_TEST(error(batch) == "no error");
}

BOOST_AUTO_TEST_CASE(the_order_is_shuffled_by_the_seed_and_the_epoch_unless_it_is_to_be_that_of_the_data) {
  const Classifier network = some_network();
  const Classification usual(network, digits(), {.batch = 7}), first(network, digits(), {.batch = 7, .seed = 1});
  const Classification second(network, digits(), {.batch = 7, .seed = 2});
  const Classification straight(network, digits(), {.batch = 7, .shuffle = false});
  std::vector<std::uint32_t> all(500);
  for (std::uint32_t i = 0; i < 500; ++i) all[i] = i;
  BOOST_TEST(straight.order(3) == all, boost::test_tools::per_element());
  BOOST_TEST((usual.order(3) == first.order(3)));
  for (const auto& other : {usual.order(4), second.order(3), all}) BOOST_TEST((usual.order(3) != other));
  std::vector<std::uint32_t> order = usual.order(3);
  BOOST_TEST(usual.steps() == 71u);
  const std::span<const std::uint32_t> batch = usual.batch(order, 70);
  BOOST_TEST((batch.data() == order.data() + 490 && batch.size() == 7u));
  std::ranges::sort(order);
  BOOST_TEST(order == all, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_no_images_none_are_read_right) {
  const Classifier network = some_network();
  Dataset none = digits();
  none.images.count = 0, none.images.pixels.clear(), none.labels.clear();
  DataParallel shards(1);
  BOOST_TEST(Classification(network, digits(), {.batch = 7}).accuracy(none, shards) == 0);
}

// Recorded from this program, to notice when what is random changes: another mask, another order, another start. The
// tolerance is for processors that round differently.
BOOST_AUTO_TEST_CASE(a_run_with_dropout_has_the_losses_that_were_recorded) {
  Classifier network = some_network();
  const Classification task(network, digits(),
                            {.batch = 100, .keep = Real(0.7), .dropout_in_evaluation = true, .seed = 3});
  Trainer trainer(network.parameters, {.adam = {.learning_rate = Real(0.01)}, .threads = 2});
  const double losses[] = {2.294944191, 2.252749121, 2.180062878};
  const double right[] = {84, 90, 95};
  for (Index epoch = 0; epoch < 3; ++epoch) {
    BOOST_TEST(task.train_epoch(trainer, epoch) == losses[epoch], boost::test_tools::tolerance(1e-4));
    BOOST_TEST(std::abs(500 * task.accuracy(digits(), trainer.shards(), epoch) - right[epoch]) < 1.5);
  }
}

BOOST_AUTO_TEST_CASE(pixels_are_learned_as_the_rows_of_images_that_are_one_pixel_wide_for_any_number_of_threads) {
  Dataset drawn = draw_digits(60, 1), laid_out = drawn;
  laid_out.images.rows = 784;
  laid_out.images.columns = 1;
  for (const char* cell : {"rnn", "gru", "lstm"}) {
    const auto learned = [&](const Dataset& data, const ImageSteps& steps, unsigned threads) {
      Classifier network({.inputs = 1, .hidden = 5, .cell = cell, .steps = steps});
      Engine engine(5);
      network.initialize(engine);
      Trainer trainer(network.parameters, {.max_norm = 1, .threads = threads});
      const Classification task(network, data, {.batch = 30, .keep = Real(0.9)});
      const double loss = task.train_epoch(trainer, 0);
      const ConstView weights = std::as_const(network.parameters).flat();
      std::vector<double> all(weights.data, weights.data + weights.columns);
      all.push_back(loss);
      return all;
    };
    const std::vector<double> expected = learned(laid_out, {}, 1);
    for (const unsigned threads : {1u, 2u, 3u}) {
      BOOST_TEST(learned(drawn, {.pixels = true}, threads) == expected, cell);
    }
  }
}
