#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "../support/chapter.hpp"
#include "../support/matrices.hpp"

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.random;
import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.initializers;
import rnn.network.layers;
import rnn.network.parameters;
import rnn.network.unroll;
import rnn.training.checkpoint;
import rnn.training.data_parallel;
import rnn.training.shards;
import rnn.training.trainer;

using namespace rnn;
using rnn::testing::Folder;
using rnn::testing::same_bits;

namespace {

/// The last shard is computed first, all are kept, and they are added in the order of their numbers.
class LastFirst final : public ShardSum {
 public:
  double gradient(Index examples, View gradients, Loss loss, View) override {
    const Index shards = shard_count(examples);
    Matrix each(shards, gradients.columns, Real(0));
    std::vector<double> losses(shards);
    for (Index s = shards; s-- > 0;) {
      Tape tape;
      const Var value = loss(tape, shard_of(s, examples), View(each).rows_from(s, 1));
      tape.backward(value);
      losses[s] = value.value()(0, 0);
    }
    fill(gradients, Real(0));
    double total = 0;
    for (Index s = 0; s < shards; ++s) {
      rnn::add(ConstView(each).rows_from(s, 1), gradients);
      total += losses[s];
    }
    return total;
  }
  void sums(Index examples, Measures measure, std::span<double> sums) override {
    std::vector<double> own(sums.size());
    std::ranges::fill(sums, 0);
    Tape tape(Tape::Mode::evaluate);
    for (Index s = 0; s < shard_count(examples); ++s) {
      tape.clear();
      std::ranges::fill(own, 0);
      measure(tape, shard_of(s, examples), own);
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += own[i];
    }
  }
};

constexpr Index steps = 7, batch = 230, hidden = 6;

/// An LSTM that reads a sequence of numbers, of which a number is asked at the end: prediction = h_T·w_out + b_out.
struct Averager {
  const CellKind& kind = find_cell_kind("lstm");
  Parameters parameters;

  Averager() {
    for (const auto& [name, rows, columns] : kind.parameters(1, hidden)) parameters.add(name, rows, columns);
    std::vector<View> of_the_cell;
    const Index size = parameters.entries().size();
    parameters.add("w_out", hidden, 1);
    parameters.add("b_out", 1, 1);
    for (Index i = 0; i < size; ++i) of_the_cell.push_back(parameters[i]);
    Engine engine(4);
    kind.initialize(of_the_cell, engine);
    glorot_uniform(parameters["w_out"], engine, hidden, 1);
  }

  Var predict(Tape& tape, SequenceVar x, std::span<const Index> lengths, View gradients) const {
    std::vector<Var> weights;
    for (Index i = 0; i < parameters.entries().size(); ++i) weights.push_back(parameters.on(tape, i, gradients));
    Cell& cell = kind.make(std::span(weights).first(weights.size() - 2), Activation::tanh);
    const Var h = final_state(cell, x, {.lengths = lengths}, Keep::square_root_states);  // (examples × n)
    return dense(h, *(weights.end() - 2), weights.back());                               // (examples × 1)
  }
};

/// Sequences of 1 to 7 numbers, and the mean of each.
struct Averages {
  Sequence x{steps, batch, 1};
  std::vector<Index> lengths = std::vector<Index>(batch);
  Matrix means{batch, 1, Real(0)};

  explicit Averages(std::uint64_t number) {
    Engine engine = seeded(combine_seeds({5, number}));
    random_normal(x.rows(), engine);
    for (Index i = 0; i < batch; ++i) {
      lengths[i] = 1 + engine() % steps;
      for (Index t = 0; t < lengths[i]; ++t) means(i, 0) += x(t, i, 0) / Real(lengths[i]);
    }
  }
};

/// A shard's part of the mean squared error of a batch.
Var squared_error(const Averager& network, Tape& tape, const Averages& data, const Shard& shard, View gradients) {
  const View x = tape.workspace(steps * shard.count, 1);
  for (Index t = 0; t < steps; ++t) {
    copy(data.x[t].rows_from(shard.first, shard.count), x.rows_from(t * shard.count, shard.count));
  }
  const auto lengths = std::span<const Index>(data.lengths).subspan(shard.first, shard.count);
  const Var predicted = network.predict(tape, {tape.constant(x), steps, shard.count}, lengths, gradients);
  const Var means = tape.constant(ConstView(data.means).rows_from(shard.first, shard.count));
  const Var error = add(predicted, scale(means, -1));
  return scale(sum(multiply(error, error)), Real(1) / batch);
}

struct Training {
  Averager network;
  Trainer trainer;
  std::uint64_t done = 0;

  explicit Training(unsigned threads = 1, std::unique_ptr<ShardSum> sum = nullptr)
      : trainer(network.parameters, {.adam = {.learning_rate = Real(0.02)}, .threads = threads}, std::move(sum)) {}

  double step() {
    const Averages data(done++);
    return trainer.step(batch, [&](Tape& tape, const Shard& shard, View gradients) {
      return squared_error(network, tape, data, shard, gradients);
    });
  }
  std::vector<double> run_to(std::uint64_t end) {
    std::vector<double> losses;
    while (done < end) losses.push_back(step());
    return losses;
  }
  void save(const std::string& path) {
    save_checkpoint(path, network.parameters, trainer.adam(), {{"done", done}}, {}, {});
  }
  void resume(const std::string& path) {
    const Checkpoint from(path);
    from.restore(network.parameters, trainer.adam());
    done = from.counter("done");
  }
};

/// Trains in another process, which writes a checkpoint after each step and is killed at some moment.
void train_and_kill(const std::string& path, std::chrono::milliseconds after) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (Training training; training.done < 100000;) {
      training.step();
      training.save(path);
    }
    ::_exit(1);
  }
  while (!std::filesystem::exists(path)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::this_thread::sleep_for(after);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  BOOST_TEST(WIFSIGNALED(status));
}

/// Numbers whose sum depends on the order in which they are added.
Real uneven(Index shard) { return (shard % 2 ? Real(-1) : Real(1)) / 3 * Real(std::pow(10, int(shard * 7 % 17) - 8)); }
template <class Number>
Number sum_of_uneven(Index count, bool backwards) {
  Number total = 0;
  for (Index s = 0; s < count; ++s) total += uneven(backwards ? count - 1 - s : s);
  return total;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_batch_is_cut_into_a_multiple_of_four_of_small_shards_as_equal_as_can_be) {
  for (Index examples = 1; examples <= 2000; ++examples) {
    const Index shards = shard_count(examples);
    BOOST_TEST_REQUIRE((shards % 4 == 0 || shards == examples), examples << " examples in " << shards << " shards");
    if (shards > 4) BOOST_TEST((shards - 4) * largest_shard < examples);
    if (examples >= 4) BOOST_TEST(shards >= 4u);
    Index next = 0;
    for (Index s = 0; s < shards; ++s) {
      const Shard shard = shard_of(s, examples);
      BOOST_TEST_REQUIRE(shard.number == s);
      BOOST_TEST_REQUIRE(shard.first == next);
      BOOST_TEST_REQUIRE((shard.count == examples / shards || shard.count == examples / shards + 1));
      BOOST_TEST_REQUIRE(shard.count <= largest_shard);
      next += shard.count;
    }
    BOOST_TEST_REQUIRE(next == examples);
  }
}

BOOST_AUTO_TEST_CASE(gradients_and_losses_are_added_in_the_order_of_the_shards) {
  Matrix weights(1, 5000, Real(0));  // more than a thread adds up at a time
  weights(0, 0) = 1;
  for (const Index examples : {Index(400), Index(3250)}) {  // the latter in two rounds
    const Index shards = shard_count(examples);
    BOOST_TEST_REQUIRE((shards == 8 || shards > 64));
    const Real gradient = sum_of_uneven<Real>(shards, false);
    BOOST_TEST_REQUIRE((gradient != sum_of_uneven<Real>(shards, true)));
    const double loss = sum_of_uneven<double>(shards, false);
    BOOST_TEST_REQUIRE((shards == 8 || loss != sum_of_uneven<double>(shards, true)));
    for (const unsigned threads : {1u, 2u, 3u, 8u}) {
      DataParallel sums(threads);
      Matrix got(1, weights.size2(), Real(7));
      const auto loss_of_shard = [&](Tape& tape, const Shard& shard, View gradients) {
        return scale(sum(tape.parameter("w", weights, gradients)), uneven(shard.number));
      };
      const double value = sums.gradient(examples, got, loss_of_shard, {});
      BOOST_TEST(value == loss);
      BOOST_TEST(same_bits(got, Matrix(1, weights.size2(), gradient)), threads << " threads");
      const auto measure = [](Tape&, const Shard& shard) { return double(uneven(shard.number)); };
      BOOST_TEST(sums.sum(examples, measure) == loss);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_lstm_learns_to_average_and_its_loss_falls) {
  const std::vector<double> losses = Training().run_to(150);
  const auto mean = [](auto begin) {
    double total = 0;
    for (auto i = begin; i != begin + 10; ++i) total += *i;
    return total / 10;
  };
  BOOST_TEST(mean(losses.end() - 10) < mean(losses.begin()) / 10);
}

BOOST_AUTO_TEST_CASE(neither_threads_nor_the_order_of_computing_changes_a_bit) {
  Training one;
  const std::vector<double> losses = one.run_to(4);
  const auto compare = [&](Training& other, const std::string& what) {
    BOOST_TEST(other.run_to(4) == losses, boost::test_tools::per_element());
    BOOST_TEST(same_bits(other.network.parameters.flat(), one.network.parameters.flat()), what);
  };
  for (const unsigned threads : {2u, 3u, 8u}) {
    Training several(threads);
    compare(several, std::to_string(threads) + " threads");
  }
  Training last_first(1, std::make_unique<LastFirst>());
  compare(last_first, "the last shard computed first");
}

BOOST_AUTO_TEST_CASE(killed_at_any_moment_it_goes_on_to_the_bits_of_an_uninterrupted_run) {
  const Folder folder;
  for (const int milliseconds : {0, 7, 23}) {
    const std::string path = folder / std::to_string(milliseconds);
    train_and_kill(path, std::chrono::milliseconds(milliseconds));
    Training resumed(2, milliseconds == 7 ? std::make_unique<LastFirst>() : nullptr), whole;
    resumed.resume(path);
    const std::uint64_t end = resumed.done + 3;
    BOOST_TEST(resumed.done > 0u);
    resumed.run_to(end);
    whole.run_to(end);
    resumed.save(folder / "resumed");
    whole.save(folder / "whole");
    BOOST_TEST((folder.read("resumed") == folder.read("whole")), "resumed after " << end - 3 << " steps");
  }
}
