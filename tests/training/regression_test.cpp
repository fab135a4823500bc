#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "../support/chapter.hpp"
#include "../support/matrices.hpp"

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.error;
import rnn.base.random;
import rnn.formats.safetensors;
import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.initializers;
import rnn.network.parameters;
import rnn.network.unroll;
import rnn.training.checkpoint;
import rnn.training.shards;
import rnn.training.trainer;

using namespace rnn;
using rnn::testing::Folder;
using rnn::testing::same_bits;

// Something that is neither a classifier nor about images: a filter learns to smooth noise. It is trained, stopped,
// resumed and loaded by what chapter 06 uses, of which nothing knows about it.

namespace {

constexpr Index steps = 6, batch = 210, hidden = 5;

/// A recurrent layer, and on each of its outputs a quadratic form and a bias: prediction = rowsum((h·Q) ⊙ h) + b.
struct Filter {
  const CellKind& kind;
  Parameters parameters;

  explicit Filter(const char* cell) : kind(find_cell_kind(cell)) {
    for (const auto& [name, rows, columns] : kind.parameters(1, hidden)) parameters.add("layer." + name, rows, columns);
    parameters.add("bilinear", hidden, hidden);  // a matrix, though its name begins like a bias's
    parameters.add("bias", 1, 1);
    Engine engine(3);
    std::vector<View> cell_weights;
    for (Index i = 0; i < cell_size(); ++i) cell_weights.push_back(parameters[i]);
    kind.initialize(cell_weights, engine);
    glorot_uniform(parameters["bilinear"], engine, hidden, hidden);
  }
  Index cell_size() const { return parameters.entries().size() - 2; }

  /// The predictions, (steps·examples × 1), from the inputs of the same shape.
  Var predict(Tape& tape, SequenceVar x, View gradients) const {
    std::vector<Var> weights;
    for (Index i = 0; i < parameters.entries().size(); ++i) weights.push_back(parameters.on(tape, i, gradients));
    Cell& cell = kind.make(std::span(weights).first(cell_size()), Activation::tanh);
    const Var h = unroll_dynamic(cell, x).outputs.rows;  // (steps·examples × n)
    const Var ones = tape.constant(one_column);          // (n × 1)
    return add_bias(matmul(multiply(matmul(h, weights[cell_size()]), h), ones), weights.back());
  }

  Matrix one_column{hidden, 1, Real(1)};
};

/// The inputs of a step of training, and what the filter should say: 0.7 times what it should have said one time step
/// earlier plus 0.3 times the input. Both depend on the number of the step alone.
struct Examples {
  Sequence x{steps, batch, 1}, y{steps, batch, 1};
  explicit Examples(std::uint64_t step) {
    Engine engine = seeded(combine_seeds({11, step}));
    random_normal(x.rows(), engine);
    for (Index t = 0; t < steps; ++t) {
      for (Index i = 0; i < batch; ++i) y(t, i, 0) = Real(0.3) * x(t, i, 0) + (t > 0 ? Real(0.7) * y(t - 1, i, 0) : 0);
    }
  }
};

/// Examples `first` to `first + count − 1` of all time steps, on a tape.
SequenceVar on_tape(Tape& tape, const Sequence& all, const Shard& shard) {
  const View part = tape.workspace(steps * shard.count, 1);
  for (Index t = 0; t < steps; ++t) {
    copy(all[t].rows_from(shard.first, shard.count), part.rows_from(t * shard.count, shard.count));
  }
  return {tape.constant(part), steps, shard.count};
}

/// The mean squared error: the share of it that is a shard's.
Var loss_of(const Filter& filter, Tape& tape, const Examples& examples, const Shard& shard, View gradients) {
  const Var predicted = filter.predict(tape, on_tape(tape, examples.x, shard), gradients);
  const Var error = add(predicted, scale(on_tape(tape, examples.y, shard).rows, -1));
  return scale(sum(multiply(error, error)), Real(1) / (steps * batch));
}

struct Training {
  Filter filter;
  Trainer trainer;
  std::uint64_t step = 0;

  explicit Training(const char* cell = "gru", unsigned threads = 1, std::unique_ptr<ShardSum> sum = nullptr)
      : filter(cell),
        trainer(filter.parameters, {.adam = {.learning_rate = Real(0.02)}, .max_norm = 1, .threads = threads},
                std::move(sum)) {}

  double one_step() {
    const Examples examples(step++);
    return trainer.step(batch, [&](Tape& tape, const Shard& shard, View gradients) {
      return loss_of(filter, tape, examples, shard, gradients);
    });
  }
  std::vector<double> run(Index count) {
    std::vector<double> losses;
    for (Index i = 0; i < count; ++i) losses.push_back(one_step());
    return losses;
  }

  void save(const std::string& file) {
    save_checkpoint(file, filter.parameters, trainer.adam(), {{"step", step}}, {}, {{"kind", "filter"}});
  }
  void resume(const std::string& file) {
    const Checkpoint from(file);
    from.restore(filter.parameters, trainer.adam());
    step = from.counter("step");
  }

  bool same_state(Training& other) {
    return same_bits(filter.parameters.flat(), other.filter.parameters.flat()) &&
           same_bits(trainer.adam().first_moments(), other.trainer.adam().first_moments()) &&
           same_bits(trainer.adam().second_moments(), other.trainer.adam().second_moments()) &&
           trainer.adam().steps() == other.trainer.adam().steps();
  }
};

/// Shards added up as many machines would do it: each computes a contiguous part of them, and the sum so far goes from
/// one machine to the next.
class Chain final : public ShardSum {
 public:
  explicit Chain(Index machines) : machines_(machines) {}

  double gradient(Index examples, View gradients, Loss loss, View) override {
    Matrix sum(1, gradients.columns, Real(0));
    double total = 0;
    Tape tape;
    for (Index machine = 0; machine < machines_; ++machine) {
      const Index shards = shard_count(examples);
      for (Index s = machine * shards / machines_; s < (machine + 1) * shards / machines_; ++s) {
        Matrix own(1, gradients.columns, Real(0));
        tape.clear();
        const Var value = loss(tape, shard_of(s, examples), own);
        tape.backward(value);
        rnn::add(own, sum);
        total += value.value()(0, 0);
      }
    }
    copy(sum, gradients);
    return total;
  }
  void sums(Index, Measures, std::span<double>) override {}

 private:
  Index machines_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_filter_learns_to_smooth) {
  for (const CellKind& kind : cell_kinds()) {
    const std::vector<double> losses = Training(kind.name).run(150);
    const auto mean = [](auto begin, auto end) {
      double total = 0;
      for (auto i = begin; i != end; ++i) total += *i;
      return total / double(end - begin);
    };
    const double before = mean(losses.begin(), losses.begin() + 5), after = mean(losses.end() - 5, losses.end());
    BOOST_TEST(after < before / 5, kind.name << ": from " << before << " to " << after);
  }
}

BOOST_AUTO_TEST_CASE(any_number_of_threads_gives_the_same_bits) {
  Training one;
  const std::vector<double> losses = one.run(5);
  for (const unsigned threads : {2u, 3u, 8u}) {
    Training several("gru", threads);
    BOOST_TEST(several.run(5) == losses, boost::test_tools::per_element());
    BOOST_TEST(several.same_state(one), threads << " threads");
  }
}

BOOST_AUTO_TEST_CASE(so_does_any_other_way_to_add_up_the_shards_in_their_order) {
  BOOST_TEST(shard_count(batch) == 8u);
  Training threads("gru", 2);
  const std::vector<double> losses = threads.run(5);
  for (const Index machines : {1, 2, 3, 5}) {
    Training chain("gru", 1, std::make_unique<Chain>(machines));
    BOOST_TEST(chain.run(5) == losses, boost::test_tools::per_element());
    BOOST_TEST(chain.same_state(threads), machines << " machines");
  }
}

BOOST_AUTO_TEST_CASE(killed_and_resumed_it_ends_with_the_same_bits) {
  const Folder folder;
  for (const CellKind& kind : cell_kinds()) {
    Training whole(kind.name);
    const std::vector<double> losses = whole.run(20);
    {
      Training killed(kind.name);
      killed.run(7);
      killed.save(folder / "c");
      killed.run(4);  // what is lost
    }
    Training resumed(kind.name, 3);
    resumed.resume(folder / "c");
    BOOST_TEST(resumed.step == 7u);
    BOOST_TEST(resumed.run(13) == std::vector(losses.begin() + 7, losses.end()), boost::test_tools::per_element());
    BOOST_TEST(resumed.same_state(whole), kind.name);
    resumed.save(folder / "resumed");
    whole.save(folder / "whole");
    BOOST_TEST((folder.read("resumed") == folder.read("whole")), kind.name);
  }
}

BOOST_AUTO_TEST_CASE(its_parameters_can_be_saved_alone_and_loaded_again) {
  const Folder folder;
  Training trained;
  trained.run(3);
  save_parameters(folder / "w", trained.filter.parameters, {{"kind", "filter"}});
  trained.save(folder / "c");
  for (const char* name : {"w", "c"}) {  // a checkpoint holds them too
    const TensorFile file = read_safetensors(folder / name);
    BOOST_TEST(file.metadata.at("kind") == "filter");
    BOOST_TEST(file.find("bilinear")->shape == (std::vector<std::uint64_t>{hidden, hidden}),
               boost::test_tools::per_element());
    BOOST_TEST(file.find("bias")->shape == std::vector<std::uint64_t>{1}, boost::test_tools::per_element());
    Filter loaded("gru");
    load_parameters(file, folder / name, loaded.parameters);
    BOOST_TEST(same_bits(loaded.parameters.flat(), trained.filter.parameters.flat()));
  }
  BOOST_CHECK_THROW(Checkpoint(folder / "w"), FileError);
  Filter other("lstm");
  BOOST_CHECK_THROW(load_parameters(read_safetensors(folder / "w"), folder / "w", other.parameters), FileError);
}

BOOST_AUTO_TEST_CASE(a_step_moves_no_further_than_its_clipped_gradient_says) {
  Training training;
  const Examples examples(0);
  const auto loss = [&](Tape& tape, const Shard& shard, View gradients) {
    return scale(loss_of(training.filter, tape, examples, shard, gradients), 1000);
  };
  training.trainer.step(batch, loss);
  double squares = 0;
  const ConstView gradients = training.trainer.gradients();
  for (Index i = 0; i < gradients.size(); ++i) squares += double(gradients.data[i]) * double(gradients.data[i]);
  BOOST_TEST(squares == 1.0, boost::test_tools::tolerance(1e-5));
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_not_finite_moves_nothing) {
  Training training, untouched;
  const Examples examples(0);
  const double loss = training.trainer.step(batch, [&](Tape& tape, const Shard& shard, View gradients) {
    return scale(loss_of(training.filter, tape, examples, shard, gradients), std::numeric_limits<Real>::infinity());
  });
  BOOST_TEST(!std::isfinite(loss));
  BOOST_TEST(training.same_state(untouched));
}
